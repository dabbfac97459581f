// title: All facts about an entity, with the ids of their edges
// parameter: name (Person|Organization|Brand|Event|Place|Award): the entity
// columns: edge, type, head, tail, role, confidence, sentences
MATCH (a)-[r:ATTENDED|ORGANIZED|HOLDS_POSITION|PART_OF|LOCATED_IN|HELD_IN|OWNS_BRAND|RECEIVED|COOPERATES_WITH]-(x)
WHERE a.id = $name
RETURN DISTINCT r.id AS edge, type(r) AS type, startNode(r).name AS head, endNode(r).name AS tail,
  coalesce(r.role, r.title, r.status) AS role, r.confidence AS confidence, r.sentences AS sentences
ORDER BY type, edge
