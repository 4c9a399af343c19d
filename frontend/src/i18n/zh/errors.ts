import type { errors as en } from '../en/errors';

export const errors: Record<keyof typeof en, string> = {
  'error.invalid': '请求有误：{detail}',
  'error.unauthorized': '没有令牌不能在这台服务器上运行或修改任何内容：请点页面顶部的锁形按钮输入令牌。',
  'error.forbidden': '服务器不允许：{detail}',
  'error.not_found': '没有找到：{detail}',
  'error.method_not_allowed': '服务器没有这种操作：{detail}',
  'error.conflict': '现在不能这样做：{detail}',
  'error.cancelled': '任务已中止：{detail}',
  'error.too_large': '内容太大：{detail}',
  'error.too_long': '网址或请求头太长：{detail}',
  'error.unsupported_media_type': '服务器读不了这种格式：{detail}',
  'error.misdirected': '服务器不认识这个主机名：{detail}',
  'error.strategy': '策略有误：{detail}',
  'error.rate_limited': '请求太频繁，请稍后再试。',
  'error.internal': '服务器内部出错：{detail}',
  'error.upstream': '数据库没有正常响应：{detail}',
  'error.busy': '服务器正忙，请稍后再试。（{detail}）',
  'error.cut_off': '服务器在给出结果之前断开了连接，请重新运行。',
  'error.no_stream': '本浏览器无法边接收边读取回答，请更新浏览器。',
  'error.no_worker': '浏览器内的引擎没有启动，请重新加载页面。',
  'error.unreachable': '服务器没有响应。',
};
