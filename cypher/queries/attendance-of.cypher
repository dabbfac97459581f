// title: What a person or organization attended
// parameter: name (Person|Organization): who
// columns: id, event, date, role, mode, confidence, articles
MATCH (who)-[r:ATTENDED]->(e:Event)
WHERE who.id = $name
RETURN e.id AS id, e.name AS event, coalesce(e.date_from, e.date, e.start) AS date, r.role AS role, r.mode AS mode,
  r.confidence AS confidence, r.article_ids AS articles
ORDER BY date, event, id, role
