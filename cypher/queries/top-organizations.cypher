// title: Organizations tied to most others, by any fact
// parameter: limit (number) = 20: how many
// columns: id, name, neighbours, facts
MATCH (o:Organization)-[r]-(x)
WHERE type(r) <> 'MENTIONED_IN' AND r.ipgraph_hash IS NOT NULL
RETURN o.id AS id, o.name AS name, count(DISTINCT x) AS neighbours, count(DISTINCT r) AS facts
ORDER BY neighbours DESC, facts DESC, name, id
LIMIT $limit
