// A service of identity that is certified for OpenID Connect, set up as Pro Santé Connect is: its scope, its level, its
// claims, the asking on a device (CIBA). Arguments: certificate, key, authority. It prints its port, and ends with its
// input. Besides the service: /test/approve and /test/deny are the person with the device, /interaction/… the one with
// the browser, who signs in at once.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider, { errors } from 'oidc-provider';

const [cert, key, ca] = process.argv.slice(2).map((name) => readFileSync(name));
const PERSON = '899700000017';
const SCOPE = 'openid scope_all';
const CLAIMS = {
  SubjectNameID: PERSON,
  preferred_username: PERSON,
  family_name: 'GARANCE',
  given_name: 'Élodie',
  SubjectRole: ['60^1.2.250.1.213.1.1.5.5'],
  SubjectRefPro: {
    exercices: [{ codeProfession: '60', activities: [{ numeroFinessSite: '990000001', raisonSocialeSite: 'LES GLYCINES' }] }],
  },
  Palier_Authentification: 'APPPRIP3^1.2.250.1.213.1.5.1.1.1',
};

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'a-key' };
}

async function grantTo(accountId, clientId) {
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(SCOPE);
  await grant.save();
  return grant;
}

let asked;
const common = {
  grant_types: ['authorization_code', 'urn:openid:params:grant-type:ciba'],
  redirect_uris: ['http://127.0.0.1/psc'],
  application_type: 'native',
  backchannel_token_delivery_mode: 'poll',
  scope: SCOPE,
};

const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: false });
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const { port } = server.address();

const provider = new Provider(`https://localhost:${port}`, {
  acrValues: ['eidas1'],
  scopes: ['openid', 'scope_all'],
  claims: { openid: ['sub', 'acr', 'auth_time'], scope_all: Object.keys(CLAIMS) },
  clients: [
    { ...common, client_id: 'by-secret', client_secret: 'un secret: avec + et %' },
    { ...common, client_id: 'by-form', client_secret: 'un-secret', token_endpoint_auth_method: 'client_secret_post' },
    {
      ...common,
      client_id: 'by-certificate',
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_subject_dn: 'INSI-AUTO',
    },
  ],
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'tls_client_auth'],
  cookies: { keys: ['a key of the tests'] },
  features: {
    devInteractions: { enabled: false },
    mTLS: {
      enabled: true,
      tlsClientAuth: true,
      getCertificate: (ctx) => {
        const raw = ctx.req.socket.authorized ? ctx.req.socket.getPeerX509Certificate() : undefined;
        return raw && raw.toString();
      },
      certificateAuthorized: (ctx) => ctx.req.socket.authorized,
      certificateSubjectMatches: (ctx, property, expected) => ctx.req.socket.getPeerCertificate().subject.CN === expected,
    },
    ciba: {
      enabled: true,
      deliveryModes: ['poll'],
      processLoginHint: async (ctx, hint) => (hint === PERSON ? hint : undefined),
      validateBindingMessage: async () => {},
      validateRequestContext: async () => {},
      verifyUserCode: async () => {},
      triggerAuthenticationDevice: async (ctx, request, account, client) => {
        asked = { request, accountId: account.accountId, clientId: client.clientId };
      },
    },
  },
  findAccount: (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id, ...CLAIMS }) }),
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  jwks: { keys: [signingKey()] },
  loadExistingGrant: (ctx) => grantTo(ctx.oidc.session.accountId, ctx.oidc.client.clientId),
  ttl: { AccessToken: 60, IdToken: 60, BackchannelAuthenticationRequest: 60, Grant: 60, Interaction: 60, Session: 60 },
});

const serve = provider.callback();
server.on('request', async (request, response) => {
  try {
    if (request.url.startsWith('/interaction/')) {
      const login = { accountId: PERSON, acr: 'eidas1', remember: false };
      await provider.interactionFinished(request, response, { login, consent: {} });
    } else if (request.url === '/test/approve' || request.url === '/test/deny') {
      const outcome = request.url.endsWith('deny') ? new errors.AccessDenied() : await grantTo(asked.accountId, asked.clientId);
      await provider.backchannelResult(asked.request, outcome, { acr: 'eidas1', authTime: Math.floor(Date.now() / 1000) });
      response.end();
    } else {
      serve(request, response);
    }
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});

console.log(port);
process.stdin.on('end', () => process.exit()).resume();
