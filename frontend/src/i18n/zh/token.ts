import type { token as en } from '../en/token';

export const token: Record<keyof typeof en, string> = {
  'shell.token': '令牌：{state}',
  'shell.token.none': '无',
  'shell.token.wanted': '这台服务器需要令牌',
  'shell.token.tab': '保存在本标签页',
  'shell.token.browser': '保存在本浏览器',
  'token.title': '服务器令牌',
  'token.text': '如果服务器设有令牌（kmill serve --token-file 或 KMILL_TOKEN），运行或修改任何内容都需要它：回测、参数寻优、校验。只查看则不需要。',
  'token.refused': '没有令牌，这台服务器不会运行或修改任何内容（kmill serve --token-file 或 KMILL_TOKEN）。输入后，刚才的操作会继续。',
  'token.rejected': '此前保存的令牌不是这台服务器的，或已失效。请输入启动服务器时所用的令牌（kmill serve --token-file 或 KMILL_TOKEN）。',
  'token.unneeded': '这台服务器没有设置令牌，也不需要令牌：所有功能都可以直接使用。',
  'token.label': '令牌',
  'token.remember': '在本浏览器中记住（否则关闭标签页后失效）',
  'token.use': '使用这个令牌',
  'token.trying': '正在验证…',
  'token.wrong': '令牌不正确，请与启动服务器时所用的令牌核对。',
  'token.in_browser': '本浏览器中保存着一个令牌。',
  'token.in_tab': '令牌会保存到关闭本标签页为止。',
  'token.forget': '清除令牌',
};
