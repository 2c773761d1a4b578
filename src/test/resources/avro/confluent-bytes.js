// Makes confluent-bytes.json: what Confluent's own serializer writes, for our deserializers to read.
// npm install @confluentinc/schemaregistry@1.10.1 && node confluent-bytes.js <folder of the schemas> > confluent-bytes.json
const registry = require('@confluentinc/schemaregistry');
const fs = require('fs');

const folder = process.argv[2];
const client = registry.SchemaRegistryClient.newClient({baseURLs: ['mock://bytes']});
const made = {
  'made by': "@confluentinc/schemaregistry 1.10.1 (Confluent's own serializers for JavaScript, MIT licence), with"
    + ' confluent-bytes.js beside this file, from the schemas of release 0.1',
};

async function make(label, name, topic, value, configuration = {}) {
  const schema = fs.readFileSync(`${folder}/${name}.avsc`, 'utf8');
  const id = await client.register(`${topic}-value`, {schemaType: 'AVRO', schema}, false);
  const serializer = new registry.AvroSerializer(
    client, registry.SerdeType.VALUE, {useLatestVersion: true, ...configuration});
  const headers = {};
  const bytes = await serializer.serialize(topic, value, headers);
  made[label] = {
    id,
    hex: bytes.toString('hex'),
    headers: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, Buffer.from(v).toString('hex')])),
  };
}

(async () => {
  const outcome = {
    requestId: 'r-1', entityId: 'e', label: '1', value: null, businessValue: 12.25, observedAt: 1700000000456,
  };
  await make('Outcome', 'Outcome', 'outcomes', outcome);
  await make('PredictionRequest', 'PredictionRequest', 'prediction-requests', {
    requestId: 'r-1',
    entityId: 'Zoë 🎻',
    attributes: {region: 'eu', plan: 'gold'},
    createdAt: 1700000000123,
    features: {
      age: {long: 41}, amount: {double: -0.5}, country: {string: 'de'}, vip: {boolean: true}, missing: null,
      X: {array: [1.5, NaN, -Infinity]}, empty: {array: []}, big: {long: -1234567890123}, 'größe': {double: 1e300},
    },
  });
  await make('RolloutStage', 'RolloutStage', 'rollout-stages', {
    model: 'fraud', productionVersion: 'v1', candidateVersion: 'v2', epoch: 3, percent: 25, since: 1700000000123,
    holdSeconds: 3600, margins: {flips: 0.02}, tailNanos: 1500000, deciles: null,
  });
  await make('OutcomeInHeader', 'Outcome', 'outcomes-2', outcome,
    {schemaIdSerializer: registry.HeaderSchemaIdSerializer});
  process.stdout.write(JSON.stringify(made, null, 2) + '\n');
})();
