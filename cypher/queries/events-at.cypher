// title: Events held in a place or in what lies in it
// parameter: place (Place): the place
// columns: id, event, date, place
MATCH (p:Place)-[:LOCATED_IN*0..4]->(:Place {id: $place})
WITH DISTINCT p
MATCH (e:Event)-[:HELD_IN]->(p)
RETURN e.id AS id, e.name AS event, coalesce(e.date_from, e.date, e.start) AS date, p.name AS place
ORDER BY date, event, id, place
