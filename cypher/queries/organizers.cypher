// title: Who organized, hosted or sponsored an event
// parameter: event (Event): the event
// columns: id, kind, name, role, confidence, articles
MATCH (who)-[r:ORGANIZED]->(:Event {id: $event})
RETURN who.id AS id, labels(who)[0] AS kind, who.name AS name, r.role AS role, r.confidence AS confidence,
  r.article_ids AS articles
ORDER BY role, name, id
