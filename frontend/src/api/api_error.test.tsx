import { render } from '@testing-library/react';
import { expect, test } from 'vitest';
import { I18nProvider } from '../i18n';
import { en } from '../i18n/en';
import { zh } from '../i18n/zh';
import { ApiError, errorOf, errorText } from './api_error';
import type { Schemas } from './client';

// Every code of openapi.yaml: the compiler refuses one that is missing or too many.
const codes: Record<Schemas['ErrorCode'], true> = {
  invalid: true, unauthorized: true, forbidden: true, not_found: true, method_not_allowed: true, conflict: true, cancelled: true, too_large: true,
  too_long: true, unsupported_media_type: true, misdirected: true, strategy: true, rate_limited: true, internal: true, upstream: true, busy: true,
};

const inLanguage = (language: string) => {
  localStorage.setItem('kmill.language', language);
  render(<I18nProvider>{null}</I18nProvider>);
};
const of = (code: string, detail: string) => errorOf(400, { detail, error: { code, field: null, line: null, column: null } });

test('in English an error has the words of the server', () => {
  inLanguage('en');
  expect(errorText(of('not_found', "there is no sweep 'x'"))).toBe("there is no sweep 'x'");
  expect(errorText(of('unauthorized', "this needs the header 'Authorization: Bearer TOKEN'"))).toMatch(/the lock at the top/);
});

test('in Chinese it is said by its code, and what the server alone knows stays', () => {
  inLanguage('zh');
  expect(errorText(of('not_found', "there is no sweep 'x'"))).toBe("没有找到：there is no sweep 'x'");
  expect(errorText(of('rate_limited', 'too many requests: try again in 3 seconds'))).toBe('请求太频繁，请稍后再试。');
  expect(errorText(new ApiError(0, 'The server closed the connection', 'cut_off'))).toMatch(/^服务器在给出结果之前断开了连接/);
  expect(errorText(new TypeError('Failed to fetch'))).toBe('服务器没有响应。');
  expect(errorText(of('unheard_of', 'as it came'))).toBe('as it came');
  expect(errorText(new TypeError('x is not a function'))).toBe('x is not a function');
});

test('every code has its words in both languages', () => {
  for (const code of Object.keys(codes)) {
    const key = `error.${code}` as keyof typeof en;
    expect(en[key], code).toBeTruthy();
    expect(zh[key], code).toMatch(/\p{Script=Han}/u);
  }
});
