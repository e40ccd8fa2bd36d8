import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sniffContentType, sniffedBytesMax } from './sniff.ts'

const html = 'text/html; charset=utf-8'
const plain = 'text/plain; charset=utf-8'
const binary = 'application/octet-stream'

/** Begin of a body, one character a byte, and its type. */
const table: readonly (readonly [string, string])[] = [
  ['', plain],
  ['a\n', plain],
  ['{"a":1}', plain],
  ['é\x1b[0m', plain],
  ['\0\x01\x02\x03', binary],
  ['text\x08', binary],
  ['text\x0b', binary],
  ['text\x0e', binary],
  ['text\x1c', binary],
  // White space in front does not count, save for being text.
  [' \t\r\n\f', plain],
  ['\x0b<html>', binary],

  ['<!DOCTYPE html><p>', html],
  ['<!doctype HTML >', html],
  ['\n <HtMl>', html],
  ['<head>', html],
  ['<script>', html],
  ['<script src=x>', html],
  ['<iframe >', html],
  ['<h1>', html],
  ['<div>', html],
  ['<font>', html],
  ['<table>', html],
  ['<a href=x>', html],
  ['<style>', html],
  ['<title>', html],
  ['<b>', html],
  ['<body>', html],
  ['<br>', html],
  ['<p>', html],
  ['<!-- x', html],
  ['<!--x', plain],
  ['<html', plain],
  ['<html\n>', plain],
  ['<h2>', plain],
  ['<br/>', plain],
  ['<abbr>', plain],
  ['x<html>', plain],

  ['<?xml version="1.0"?>', 'text/xml; charset=utf-8'],
  [' <?xml', 'text/xml; charset=utf-8'],
  ['<?XML', plain],
  ['%PDF-1.4', 'application/pdf'],
  [' %PDF-1.4', plain],
  ['%!PS-Adobe-3.0', 'application/postscript'],

  ['\xfe\xff\0a', 'text/plain; charset=utf-16be'],
  ['\xff\xfea\0', 'text/plain; charset=utf-16le'],
  ['\xef\xbb\xbf\0', plain],
  ['\xef\xbb\xbf', plain],
  ['\xfe\xff\0', binary],

  ['\0\0\x01\0', 'image/x-icon'],
  ['\0\0\x02\0', 'image/x-icon'],
  ['BM', 'image/bmp'],
  ['GIF87a', 'image/gif'],
  ['GIF89a', 'image/gif'],
  ['GIF88a', plain],
  ['RIFF\0\x01\x02\x03WEBPVP8', 'image/webp'],
  ['\x89PNG\r\n\x1a\n', 'image/png'],
  ['\x89PNG\r\n\x1a', binary],
  ['\xff\xd8\xff', 'image/jpeg'],

  ['FORM....AIFF', 'audio/aiff'],
  ['ID3\x03', 'audio/mpeg'],
  ['OggS\0', 'application/ogg'],
  ['MThd\0\0\0\x06', 'audio/midi'],
  ['RIFF....AVI ', 'video/avi'],
  ['RIFF....WAVE', 'audio/wave'],
  ['RIFF....WAV', plain],
  ['\x1aE\xdf\xa3', 'video/webm'],

  ['\0\0\0\x14ftypmp42\0\0\0\0isom', 'video/mp4'],
  ['\0\0\0\x14ftypisom\0\0\0\0mp41', 'video/mp4'],
  ['\0\0\0\x14ftypisommp42isom', binary],
  ['\0\0\0\x10ftypisom\0\0\0\0mp41', binary],
  ['\0\0\0\x18ftypmp42\0\0\0\0isom', binary],
  ['\0\0\0\x0dftypmp42\0', binary],
  ['\x80\0\0\0ftypmp42', binary],
  ['\0\0\0\x0cftypmp4', binary],
  [`\0\0\x01\0ftypmp42${'\0'.repeat(300)}`, 'image/x-icon'],

  ['\0\x01\0\0', 'font/ttf'],
  ['OTTO', 'font/otf'],
  ['ttcf', 'font/collection'],
  ['wOFF', 'font/woff'],
  ['wOF2', 'font/woff2'],
  [`${'x'.repeat(34)}LP`, 'application/vnd.ms-fontobject'],
  [`\0\x01\0\0${'\0'.repeat(30)}LP`, 'application/vnd.ms-fontobject'],
  [`${'x'.repeat(34)}L`, plain],

  ['\x1f\x8b\x08', 'application/x-gzip'],
  ['PK\x03\x04', 'application/zip'],
  ['Rar!\x1a\x07\0', 'application/x-rar-compressed'],
  ['Rar!\x1a\x07\x01\0', 'application/x-rar-compressed'],
  ['Rar!\x1a\x07\x01', binary],
  ['\0asm', 'application/wasm'],
  ['.snd', plain],
]

describe('media types by content', () => {
  for (const [body, type] of table) {
    it(`${JSON.stringify(body.slice(0, 40))} is ${type}`, () => assert.equal(sniffContentType(Buffer.from(body, 'latin1')), type))
  }

  it('looks at 512 bytes', () => {
    const text = (length: number, rest: string): Buffer => Buffer.from('a'.repeat(length) + rest, 'latin1')
    assert.equal(sniffContentType(text(sniffedBytesMax - 1, '\0')), binary)
    assert.equal(sniffContentType(text(sniffedBytesMax, '\0')), plain)
    assert.equal(sniffContentType(Buffer.from(`${' '.repeat(sniffedBytesMax - 3)}<p>`)), html)
    assert.equal(sniffContentType(Buffer.from(`${' '.repeat(sniffedBytesMax - 2)}<p>`)), plain)
  })
})
