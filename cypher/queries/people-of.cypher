// title: People of an organization and of its units
// parameter: organization (Organization): the organization
// columns: id, name, title, body, former
MATCH (u:Organization)-[:PART_OF*0..6]->(:Organization {id: $organization})
WITH DISTINCT u
MATCH (p:Person)-[r:HOLDS_POSITION]->(u)
RETURN p.id AS id, p.name AS name, r.title AS title, u.name AS body, r.former AS former
ORDER BY name, id, title, body
