// title: Roster of an event: its people by the organization they hold a position in
// parameter: event (Event): the event
// columns: organization, name, id, title, role
MATCH (p:Person)-[r:ATTENDED]->(:Event {id: $event})
OPTIONAL MATCH (p)-[h:HOLDS_POSITION]->(o:Organization)
RETURN o.name AS organization, p.name AS name, p.id AS id, h.title AS title, r.role AS role
ORDER BY organization, name, id, title, role
