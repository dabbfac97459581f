// title: Organizations that took part in the same events as an organization
// parameter: organization (Organization): the organization
// columns: id, name, events, names
MATCH (:Organization {id: $organization})-[:ATTENDED|ORGANIZED]->(e:Event)<-[:ATTENDED|ORGANIZED]-(o:Organization)
WHERE o.id <> $organization
WITH DISTINCT o, e
ORDER BY e.name, e.id
RETURN o.id AS id, o.name AS name, count(e) AS events, collect(e.name) AS names
ORDER BY events DESC, name, id
