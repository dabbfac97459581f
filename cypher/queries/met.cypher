// title: People who attended the same events as a person
// parameter: name (Person): the person
// columns: id, name, events, names
MATCH (:Person {id: $name})-[:ATTENDED]->(e:Event)<-[:ATTENDED]-(p:Person)
WHERE p.id <> $name
WITH DISTINCT p, e
ORDER BY e.name, e.id
RETURN p.id AS id, p.name AS name, count(e) AS events, collect(e.name) AS names
ORDER BY events DESC, name, id
