import assert from 'node:assert/strict'
import { test } from 'node:test'
import { textToBytes } from '../../std/utf8.ts'
import { isSlowHash, passwordBytesMax, verifyPassword } from './verify.ts'

const bcrypt = '$05$abcdefghijklmnopqrstuuhAIWwBMWjprsA2yeY4Tpg9JlT21zuxy'

test('hashes of htpasswd match their passwords and no others', () => {
  const table: readonly (readonly [string, string])[] = [
    [`$2y${bcrypt}`, 'bananas'],
    [`$2a${bcrypt}`, 'bananas'],
    [`$2b${bcrypt}`, 'bananas'],
    [`$2x${bcrypt}`, 'bananas'],
    ['$2a$04$abcdefghijklmnopqrstuuhTkrBMaRQPlTMqtFy0v76dvG0vRKfB2', 'bananas'],
    ['$apr1$8sFt66rZ$iu4e8kp4lJn.1PQwakSXj0', 'cherries'],
    ['$1$8sFt66rZ$tdXGYA0yWrAG8B3TqXvx0/', 'cherries'],
    ['{SHA}wJolZes+VR0LM7P1ERt/0LkCY/Q=', 'dates'],
    ['{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=', ''],
    ['{SHA}I7dElEdfX4dJgLdnbVEeI9iG2mQ=', 'pässword'],
    // openssl passwd -apr1 -salt xxxxxxxx, for passwords below, at and above the length of a digest.
    ['$apr1$xxxxxxxx$dxHfLAsjHkDRmG83UXe8K0', 'password'],
  ]
  for (const [hash, password] of table) {
    assert.equal(verifyPassword(textToBytes(password), hash), true, hash)
    assert.equal(verifyPassword(textToBytes(`${password}x`), hash), false, hash)
  }
})

test('anything else matches nothing', () => {
  for (const hash of [
    '',
    'secret',
    '$5$salt$tZ3wujCu50kwGa5/LWaBvQDpWTf2oIdfCxkSWuknCp5',
    '$6$salt$x',
    'abE9IpOjvTJjQ',
    '{SHA}',
    '$apr1$',
    '$apr1$salt',
    '$2y$05$short',
    '$2y$99$x',
    '$2z$05$x',
    '{SSHA}x',
  ])
    for (const password of ['', 'secret', 'bananas']) assert.equal(verifyPassword(password, hash), false, `${hash} ${password}`)
})

test('only bcrypt and MD5-crypt need a thread, and endless passwords need nothing', () => {
  assert.deepEqual([`$2y${bcrypt}`, '$apr1$a$b', '$1$a$b', '{SHA}x', 'plain', ''].map(isSlowHash), [true, true, true, false, false, false])
  assert.equal(verifyPassword('x'.repeat(passwordBytesMax + 1), '$apr1$8sFt66rZ$iu4e8kp4lJn.1PQwakSXj0'), false)
})
