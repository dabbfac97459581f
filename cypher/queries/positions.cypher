// title: Positions of a person over time
// parameter: name (Person): the person
// columns: title, body, kind, former, since, until, first_reported, last_reported, confidence
MATCH (:Person {id: $name})-[r:HOLDS_POSITION]->(b)
RETURN r.title AS title, b.name AS body, labels(b)[0] AS kind, r.former AS former, r.since AS since,
  r.until AS until, r.first_reported AS first_reported, r.last_reported AS last_reported, r.confidence AS confidence
ORDER BY first_reported, last_reported, title, body
