// title: Who attended an event, in which role
// parameter: event (Event): the event
// columns: id, kind, name, role, mode, confidence, articles
MATCH (who)-[r:ATTENDED]->(:Event {id: $event})
RETURN who.id AS id, labels(who)[0] AS kind, who.name AS name, r.role AS role, r.mode AS mode,
  r.confidence AS confidence, r.article_ids AS articles
ORDER BY name, id, role
