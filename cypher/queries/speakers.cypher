// title: Who spoke at an event, with the positions they hold
// parameter: event (Event): the event
// columns: id, name, position, body
MATCH (who)-[r:ATTENDED]->(:Event {id: $event})
WHERE r.role IN ['speaker', 'presider', 'presenter']
WITH DISTINCT who
OPTIONAL MATCH (who)-[h:HOLDS_POSITION]->(b)
RETURN who.id AS id, who.name AS name, h.title AS position, b.name AS body
ORDER BY name, id, position, body
