import { credentialIn, credentialInArguments, credentialInVariable } from '../../src/pod/credentials';

test.each([
  ['PASSWORD', 'hunter2'], ['MINIO_SECRET_KEY', 'abc123'], ['DB_PASS', 'x1'], ['PASSPHRASE', 'a b'], ['AZURE_STORAGE_ACCOUNT_KEY', 'q=='], ['CLIENT_SECRET', 'abc-def'], ['GITHUB_TOKEN', 'ghp_1'],
  ['URL', 'postgres://u:p@host/db'], ['CONFIG', '{"password": "x"}'], ['API_TOKEN', 'https://u:p@host'],
  ['HEADER', 'Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'], ['X', `ghp_${'a1'.repeat(18)}`], ['X', 'Bearer 0123456789abcdef'],
  ['URL', 'https://u:hunter2@host/{{ ds }}'], ['API_TOKEN', `ghp_${'a1'.repeat(18)}{{ ds }}`],
])('%s=%s gives a credential away', (name, value) => {
  expect(credentialInVariable(name, value)).toBeDefined();
});

test.each([
  ['USE_TOKEN', 'true'], ['REQUIRE_PASSWORD', 'false'], ['DISABLE_TOKEN', '1'], ['EOS_TOKEN', '</s>'], ['PAD_TOKEN', 'pad'], ['API_KEY', '${API_KEY}'], ['TOKEN', '$(OTHER)'],
  ['TLS_SECRET', 'my-tls'], ['IMAGE_PULL_SECRET', 'regcred'], ['DB_SECRET', 'arn:aws:secretsmanager:eu-west-1:1:secret:db'], ['VAULT_TOKEN', 'vault:secret/data/x#token'],
  ['GOOGLE_APPLICATION_CREDENTIALS', 'gs://x/key.json'], ['PASSWORD_FILE', '/run/secrets/p'], ['SECRET_NAME', 'warehouse'], ['BYPASS', 'all'], ['URL', 'https://host:8080?mail=a@b'],
  ['CONFIG', '{"password": "{{ conn.db.password }}"}'], ['HEADER', 'Authorization: Bearer $TOKEN'], ['HEADER', 'Bearer {{ var.value.token }}'],
  ['PASSWORD', '{{ conn.db.password }}'], ['TOKEN', 'Bearer {{ var.value.token }}'], ['CREDENTIALS', 'my_conn'], ['SLACK_TOKEN', 'slack_default'], ['PASSWORD', 'google_cloud_default'],
])('%s=%s gives none away', (name, value) => {
  expect(credentialInVariable(name, value)).toBeUndefined();
});

test.each([[['--password', 'hunter2']], [['--db-password=hunter2']], [['--client-secret', 'abc']], [['--token=abc']],
  [['sh', '-c', 'PGPASSWORD=hunter2 psql']], [['export AWS_SECRET_ACCESS_KEY="abcdEFGH"; run']], [['curl', '-u', 'me:pass1', 'https://x']],
  [['-H', 'Authorization: Basic dXNlcjpwYXNzd29yZA==']], [['https://x.blob.core.windows.net/a?sig=abcdefghijklmnopqrstuvwxyz012345%3D']]])('%j hold a credential', texts => {
  expect(credentialInArguments(texts)).toBeDefined();
});

test.each([
  [['--no-password', 'x']], [['--use-token', 'input.csv']], [['--max-token', '100']], [['--tls-secret', 'name']], [['--secret', 'my-secret']], [['--pad-token=<pad>']],
  [['--token', 'gs://bucket/token.json']], [['--password', '$PASSWORD']], [['{"token": "{{ var.value.t }}"}']], [['PGPASSWORD=$PASSWORD psql']], [['sh', '-c', 'TOKEN=$(cat /t); PASSWORD=/run/x; export USE_TOKEN=true']],
  [['export $(printf "AWS_SECRET_ACCESS_KEY=%s AWS_SESSION_TOKEN=%s" $(aws sts assume-role))']], [['TOKEN=`cat /t` run']], [['import os\nTOKEN=os.environ["TOKEN"]']],
  [['GOOGLE_APPLICATION_CREDENTIALS=./key.json gcloud x']], [['COPY INTO x CREDENTIALS=(aws_role=\'arn\')']], [['sed', '-i', 's/^ TOKEN=.*/ TOKEN=$T/', 'f']],
  [['curl', '-u', 'me:$PASSWORD']], [['docker', '-u', '1000:1000']], [['curl', '-u', '1:0']],
])('%j hold none', texts => {
  expect(credentialInArguments(texts)).toBeUndefined();
});

test("a template of Vault's agent is no credential", () => {
  expect(credentialIn('{"token": "{{ .Data.x }}"}')).toBeUndefined();
});
