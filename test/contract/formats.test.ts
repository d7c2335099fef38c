import test from 'ava';
import { formats } from '../../runtime/contract/shape/formats.js';
import type { TextFormat } from '../../runtime/contract/types.js';

const label = 'a'.repeat(63);
const host = `${label}.${label}.${label}.${'a'.repeat(61)}`;

const texts: Record<TextFormat, { readonly fit: string[]; readonly unfit: string[] }> = {
  email: {
    fit: [
      'ada@example.com',
      "o'hara.x+tag@mail.example.co.uk",
      '!#$%&*/=?^_`{|}~-@x.org',
      `${'a'.repeat(64)}@x.org`,
      'a@xn--bcher-kva.example',
    ],
    unfit: [
      '',
      'ada',
      '@x.org',
      'ada@',
      'ada@localhost',
      'a b@x.org',
      'a@b@x.org',
      '.a@x.org',
      'a.@x.org',
      'a..b@x.org',
      '"a"@x.org',
      'a@[127.0.0.1]',
      'a@x.org\n',
      'é@x.org',
      `${'a'.repeat(65)}@x.org`,
      'a@-x.org',
    ],
  },
  uuid: {
    fit: ['00000000-0000-0000-0000-000000000000', '0190F0C0-7b6a-7cc0-98C4-DC0C0C07398F'],
    unfit: [
      '',
      '0190f0c07b6a7cc098c4dc0c0c07398f',
      '{0190f0c0-7b6a-7cc0-98c4-dc0c0c07398f}',
      '0190f0c0-7b6a-7cc0-98c4-dc0c0c07398',
      'g190f0c0-7b6a-7cc0-98c4-dc0c0c07398f',
      'urn:uuid:0190f0c0-7b6a-7cc0-98c4-dc0c0c07398f',
    ],
  },
  uri: {
    fit: [
      'https://example.com',
      'http://user:pw@[2001:db8::7]:8080/a;b/%C3%A9?q=a/b?c#f/?',
      'mailto:ada@example.com',
      'urn:isbn:0451450523',
      'file:///etc/hosts',
      'x-y+z.1:',
      'a:/b//c',
      'ldap://[v1.fe80::a]/x',
      'tel:+1-816-555-1212',
    ],
    unfit: [
      '',
      '/a',
      'example.com',
      '//example.com',
      ':a',
      '1a:b',
      'http://a b',
      'http://é.org',
      'http://x/%zz',
      'http://x/[a]',
      'http://[1::2::3]/',
      'http://[::1',
      'http://x:8a/',
      'http://x/a#b#c',
      'http://x/\\a',
      'http://x/<a>',
      'http://x/\n',
    ],
  },
  hostname: {
    fit: ['localhost', 'example.com', '3com.example', 'a-b.c', 'xn--bcher-kva', 'X', host],
    unfit: [
      '',
      '.',
      'a.',
      '.a',
      'a..b',
      '-a',
      'a-',
      'a_b',
      `${label}a`,
      `${host}a`,
      'bücher',
      'a\n',
    ],
  },
  ipv4: {
    fit: ['0.0.0.0', '127.0.0.1', '255.249.199.99'],
    unfit: [
      '',
      '1.2.3',
      '1.2.3.4.5',
      '256.0.0.1',
      '01.2.3.4',
      '1.2.3.',
      '1.2.3.4\n',
      '1.2.3.-4',
      '0x1.2.3.4',
    ],
  },
  ipv6: {
    fit: [
      '::',
      '::1',
      '1::',
      '2001:DB8::7',
      '1:2:3:4:5:6:7:8',
      '1:2:3:4:5:6:7::',
      '::2:3:4:5:6:7:8',
      '::ffff:192.0.2.1',
      '1:2:3:4:5:6:1.2.3.4',
      '1::1.2.3.4',
    ],
    unfit: [
      '',
      ':',
      ':::',
      '1',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4::5:6:7:8',
      '1::2::3',
      '12345::',
      '::g',
      ':1::2',
      '1::2:',
      '1.2.3.4::',
      '1.2.3.4',
      '::1.2.3.4:5',
      '::1.2.3.256',
      'fe80::1%eth0',
      '1:2:3:4:5:6:7:1.2.3.4',
      '::1\n',
    ],
  },
  date: {
    fit: ['2026-01-31', '2024-02-29', '2000-02-29', '0000-01-01', '9999-12-31'],
    unfit: [
      '',
      '2026-02-29',
      '1900-02-29',
      '2026-04-31',
      '2026-13-01',
      '2026-00-01',
      '2026-01-00',
      '2026-1-1',
      '26-01-01',
      '2026-01-01T',
      '+002026-01-01',
      '2026-01-01\n',
    ],
  },
  time: {
    fit: ['00:00:00Z', '23:59:59.999999+23:59', '12:00:00-05:30'],
    unfit: [
      '',
      '12:00Z',
      '12:00:00',
      '24:00:00Z',
      '12:60:00Z',
      '23:59:60Z',
      '12:00:00.Z',
      '12:00:00z',
      '12:00:00+24:00',
      '12:00:00+0100',
      '12:00:00Z\n',
    ],
  },
  'date-time': {
    fit: ['2026-01-31T12:00:00Z', '2024-02-29T23:59:59.5+01:00'],
    unfit: [
      '',
      '2026-01-31',
      '2026-01-31 12:00:00Z',
      '2026-01-31t12:00:00Z',
      '2026-02-29T12:00:00Z',
      '2026-01-31T12:00Z',
      '2026-01-31T12:00:00',
      'T12:00:00Z',
    ],
  },
};

for (const [format, { fit, unfit }] of Object.entries(texts)) {
  test(`${format} is what its standard says`, (t) => {
    const { fits } = formats[format as TextFormat];
    for (const text of fit) t.true(fits(text), text);
    for (const text of unfit) t.false(fits(text), text);
  });
}

test('a long text is refused as fast as it is read', (t) => {
  const long = [
    'a'.repeat(100_000),
    'a.'.repeat(50_000),
    ':'.repeat(100_000),
    '1:'.repeat(50_000),
    `x:${'%41'.repeat(30_000)}`,
  ];
  const started = performance.now();
  for (const { fits } of Object.values(formats)) {
    for (const text of long) fits(`${text}\n`);
    for (const text of long) fits(`x://${text}\n`);
  }
  t.true(performance.now() - started < 2_000);
});
