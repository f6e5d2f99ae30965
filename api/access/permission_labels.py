"""Permissions as actions in words, in both languages: the one table for messages and pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from roost.events.account import Permission as P

LABELS: Mapping[P, tuple[str, str]] = {
    P.OPENINGS_READ: ("view openings", "查看岗位"),
    P.OPENINGS_WRITE: ("post and edit openings", "发布和修改岗位"),
    P.OPENINGS_APPROVE: ("approve new employers' openings", "审核新单位的岗位"),
    P.PROFILES_READ: ("view job seekers' profiles", "查看求职档案"),
    P.PROFILES_WRITE: ("edit job seekers' profiles", "登记和修改求职档案"),
    P.PROFILES_ERASE: ("erase job seekers' profiles", "删除求职档案"),
    P.MATCHES_READ: ("view matches", "查看匹配"),
    P.MATCHES_ACT: ("work on matches", "处理匹配"),
    P.MATCHES_ASSIGN: ("claim and assign matches, and match by hand", "认领、分派匹配和人工匹配"),
    P.INBOX_READ: ("read the inbox", "查看收件箱"),
    P.INBOX_WRITE: ("answer messages of the inbox", "回复收件箱消息"),
    P.REPLIES_FORWARD: ("forward replies from a gateway", "转发务工人员的回复"),
    P.NOTES_READ: ("read notes", "查看备注"),
    P.NOTES_WRITE: ("write notes", "填写备注"),
    P.STATIONS_READ: ("view stations", "查看服务站"),
    P.STATIONS_WRITE: ("register and edit stations", "登记和修改服务站"),
    P.NOTICES_READ: ("view notices", "查看公告"),
    P.NOTICES_WRITE: ("publish notices", "发布公告"),
    P.NOTIFICATIONS_READ: ("view sent notifications", "查看已发送的通知"),
    P.TEMPLATES_READ: ("view message templates", "查看消息模板"),
    P.EMPLOYERS_READ: ("view employers' contacts", "查看单位联系方式"),
    P.EMPLOYERS_WRITE: ("set employers' contacts", "设置单位联系方式"),
    P.WEBHOOKS_READ: ("view webhooks", "查看 webhook"),
    P.WEBHOOKS_WRITE: ("register and edit webhooks", "登记和修改 webhook"),
    P.OVERVIEW_READ: ("view the overview", "查看总览"),
    P.CHANGES_READ: ("follow the change feed", "获取变更记录"),
    P.SOURCES_READ: ("view sources of openings", "查看岗位来源"),
    P.SOURCES_WRITE: ("manage sources of openings", "管理岗位来源"),
    P.ACCOUNTS_READ: ("view accounts and keys", "查看账号和密钥"),
    P.ACCOUNTS_WRITE: ("manage accounts and keys", "管理账号和密钥"),
    P.AUDIT_READ: ("view the audit log", "查看审计记录"),
}
"""English as the end of "permission to …", Chinese as the middle of "您没有…的权限"."""


def label(permission: P, language: str = "en") -> str:
    """Return the action that a permission allows."""
    english, chinese = LABELS[permission]
    return chinese if language == "zh" else english


def labels(permissions: Iterable[P], language: str = "en") -> str:
    """Return several actions as one list."""
    return ("、" if language == "zh" else ", ").join(
        label(each, language) for each in sorted(permissions)
    )
