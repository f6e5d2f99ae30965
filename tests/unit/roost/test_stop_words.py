"""Replies that stop all messages, and replies that only contain such words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from roost.contact.stop_words import WORDS, is_stop

CHINESE = """
退订
退訂
退订。
退订！！！
【退订】
退 订
我要退订
我想退订
请退订
请帮我退订
帮我退订谢谢
麻烦退订一下，谢谢
您好，请退订
你好 退订
退订，谢谢您
退订谢谢！
退订了
退订吧
退订短信
退订通知
退订所有消息
退订全部
全部退订
退订服务
退订订阅
退订 退订
退订退订退订
退订！退订！
退订，已找到工作
退订，我已经找到工作了
退订。不找工作了
退订 王秀英
退订，张三
退订 13800138000
退
退定
T
t
TD
td
ＴＤ
Ｔ
T。
TD！
TD谢谢
R
r
QX
0000
回T退订
回复T退订
回TD退订
回复TD退订
退订回T
退订回TD
退订请回复T
TD退订
T退订
R退订
拒收请回复R
拒收
拒收！
拒收短信
拒绝接收
拒绝接收此类消息
停止
停止发送
停止推送
停止发送短信
请停止发送短信，谢谢
停
取消
取消！
取消订阅
取消订阅，谢谢
请取消订阅
我要取消订阅
取消推送
取消短信通知
取消提醒
取消接收
取消通知
取消订阅短信
不要了
不要再发了
不要再发了！
请不要再发了
不要发了
不要再发短信了
别发了
别再发了
别给我发了
别再给我发短信了
别再给我发消息
不要给我发信息了
请勿再发
请不要再发送
请勿打扰
勿打扰
不要打扰我
别打扰
别烦我
不要再联系我
别联系我了
不想收到短信
我不想再收到消息了
不再接收
不接收短信
免打扰
屏蔽
解除订阅
取消關注
不要再發了
別再發了
請取消訂閱
停止發送
拒絕接收
謝謝，退訂
回复：退订
Re: 退订
短信内容：退订
[短信]退订
退订【联通】
退订【中国移动】
退订 发自我的iPhone
退订\\n\\n发自我的iPhone
退订\\n发自我的华为手机
退订\\n来自我的小米手机
退订\\n\\n-----原始邮件-----\\n发件人：凤还巢\\n您有新的岗位
TD\\n\\n> 您有新的岗位，回复TD退订
退订🙏
❌退订
退订TD
回复TD
回T
回N退订
退订！不要再发了
请不要再发短信了
不要再给我发短信
不要给我发了
请停止发送
取消短信
不想再收到了
我不想再收到这些信息
不需要短信
勿扰
别打扰我
不要骚扰我
再发投诉
再发就投诉
退订，不然投诉
拉黑
退订 谢谢
麻烦退订
帮我退订一下
我要取消
我要退订，谢谢！
已退休，退订
不找工作了，退订
已找到工作，请退订
已就业，不用再发
已经上班了，退订
打错了，退订
我不是本人，退订
你们发错人了，退订
TD。谢谢
退·订
退-订
退、订
回复：TD
回复T
【招聘】TD
TD【张三】
退订【来自手机】
退订\\n\\n来自iPhone
退订\\n--\\n张三
退订啊
退订！！！！
""".strip().splitlines()
ENGLISH = """
STOP
stop
Stop
ＳＴＯＰ
S.T.O.P
S T O P
STOP.
STOP!!!
"STOP"
'stop'
(stop)
STOP STOP STOP
stopstop
stop all
STOPALL
stop now
stop it
stop this
Stop please
Please stop
pls stop
stop pls
Stop. Thank you
Stop, thank you!
stop thanks
STOP thx
stop, thank you very much
Hi, please stop. Thanks
Hello, stop
ok stop
Please STOP immediately
stop texting
Stop texting me
stop texting me!
please stop messaging me
stop sending me messages
stop sending these texts
stop sending messages
Stop contacting me
stop messages
stop all messages
stop notifications
stop sms
Stop all the texts please
stop emails
UNSUBSCRIBE
unsubscribe
Unsubscribe please
UNSUBSCRIBE please
please unsubscribe me
unsubscribe me
unsubscribe me from this list
unsubscribe from all messages
I want to unsubscribe
I would like to unsubscribe, thank you
unsub
unsubcribe
unsuscribe
UN SUBSCRIBE
un-subscribe
stpo
stopp
OPTOUT
opt out
Opt-out
OPT-OUT PLEASE
opt me out
I want to opt out
REVOKE
CANCEL
cancel
cancel please
cancel subscription
cancel my subscription
Cancel messages
END
end.
End, thanks
QUIT
quit please
ARRET
Remove me
remove me from your list
please remove me from the list
take me off this list
Remove my number
do not text me
don't text me
don't text me again
don’t text me anymore
Do not contact me again
do not message me
please don't send me any more messages
no more messages
no more texts please
I no longer want to receive these messages
leave me alone
STOP\\n\\nSent from my iPhone
STOP\\nSent from my iPad
Stop Sent from my iPhone
STOP\\n\\nGet Outlook for iOS
STOP\\n--\\nJohn Smith\\nACME Ltd
STOP\\n\\nJohn Smith
Stop. John
Stop - Maria Lopez
Stop, I found a job
STOP. I already found a job. Thanks
stop i have a job
Stop. Wrong number
unsubscribe - not interested
Re: STOP
RE: Fwd: stop
+8613800138000: STOP
[SMS] STOP
stop\\n\\n> You have a new match
Stop\\n\\nOn Mon, 30 Nov 2026 at 09:12, Roost wrote:\\n> You have a new match. Reply STOP
unsubscribe\\n-----Original Message-----\\nFrom: Roost
please stop, regards
stop asap
tD
TD TD
ｔｄ
"TD"
“TD”
T D
Unsubscribe me
UNSUBSCRIBE ALL
STOP ALL
please stop
stop sending me texts
Stop messaging me!
Stop it
*STOP*
Stop, thanks
stop thx
stop, wrong number
Wrong number, stop
no thanks, stop
no more texts
No more messages please
Remove me from this list
remove me from your list please
take me off your list
please remove my number
delete my number
Do not text me
Dont text me anymore
do not contact me again
don't message me
OPT-OUT
Opt me out
I'd like to unsubscribe
I want to unsubscribe from these messages
end messages
quit
Quit it
Not interested, stop
stop - not interested
Stop. I found a job.
I found a job, please stop
I already have a job. Stop texting me.
Stop\\n\\nSent from my Galaxy
Stop\\n\\nOn Mon, Nov 2, 2026 at 9:00 AM Roost <a@b.c> wrote:\\n> New match
Stop\\n\\n-----Original Message-----\\nFrom: Roost
Stop\\n\\nJohn Smith\\n555-1234
STOP 2 END
stop to unsubscribe
reply stop
Reply STOP
Text STOP
RE: STOP
Stop 🛑
🛑 stop
STOP👍
""".strip().splitlines()
NOT_STOP = """

？！
取消明天的面试
取消面试
取消预约
我想取消明天的面试
请帮我取消周五的面试，谢谢
取消行程
取消申请这个岗位
T恤工厂还招人吗
T恤
退休
退休人员可以吗
退货
停止线
停车场在哪里
停电了来不了
怎么退订？
如何退订
不要退订
别退订
我不要了解
不要了解
不要这个岗位
不要夜班
不需要
不需要夜班
不要发错地址
别忘了发地址
别发错了
明天几点面试
好的谢谢
谢谢
好的
收到
可以
在哪里上班
不想上夜班
不想去太远
拒绝
我拒绝这个岗位
我不去了
打错了
已找到工作
王秀英
13800138000
R型号的机器会操作
停止接收夜班岗位，白班可以
不要再发夜班的岗位
退订是什么意思
退订后还能恢复吗
请问退订后能再订阅吗
别再给我发太远的岗位
屏蔽机房还招人吗
stop at which bus station?
Which stop do I get off?
bus stop
Stop by tomorrow?
I will stop by tomorrow
can I stop at 5 pm
please do not stop
don't stop
do not stop sending
don't stop the messages
non stop shifts?
stop watch factory
the end
end of month is fine
End of shift is when?
weekend
at the end
week end
cancel my interview
please cancel my interview
Cancel tomorrow
cancel the appointment on Friday
I need to cancel
can I cancel?
quit my job already
I quit my old job
quit smoking programme
STOPPED
YES
no
ok
thanks
Thank you
hello
T shirt factory
T-shirts
TD Bank is hiring?
R u hiring
are you still hiring
revoke my application
opt for night shift
I want to opt in
unsubscribe how?
How do I unsubscribe?
what is STOP
Remove my old address
do not call before 9
do not text before 9
Don't contact my employer
I no longer work there
wrong number
not interested
I found a job
stop\\nbut which shift is it?
Stop. Which station?
Stop, who is this?
STOP\\n\\nWhere is the interview tomorrow
I like the job. Do not stop my application
message received
alert
START
resume
help
取消明天的面试可以吗
取消报名
我要取消报名
请取消我周三的面试
停工了吗
停薪留职
停止招聘了吗
停止招人了吗
什么时候停止报名
退休可以吗
退休工人要吗
退伍军人优先吗
退钱吗
押金退吗
退社保吗
退款
不要夜班的有吗
不要了解一下
不要倒班
不想去外地
不想去
不去了
不来了
不用了
不用了谢谢
不要
不用
T恤厂
T3航站楼怎么走
R1车间
N95口罩厂招人吗
TD车间在哪
拒绝夜班
勿扰，开会中，晚点回复
在开会，稍后联系
别忘了我
别发错地址
不要忘记给我发地址
请发地址给我
可以发短信给我吗
请不要打电话，发短信
不要打电话，短信联系
明白
1
2
是
否
有没有包住的
工资多少
什么时候面试
地址在哪
怎么去
我感兴趣
我想应聘
已经上班了
找到工作了，谢谢
换号码了，新号码13900139000
END of shift time?
What is the end date?
stop by tomorrow?
Can I stop by at 3?
I can't stop by today
Don't stop
non-stop
when does the shift end
Cancel my interview
cancel my appointment please
Can I cancel the interview?
I quit my job
I quit yesterday, looking for work
Please remove the typo in my name
I don't want night shifts
no more night shifts please
Don't text, call me
Please text me the address
Not interested in this job
No thanks
No thank you
Yes
OK
HELP
INFO
Stop hiring?
Did you stop hiring?
Is the job still open?
The end
To
U
""".strip("\n").splitlines()


def written(line: str) -> str:
    return line.replace("\\n", "\n")


@pytest.mark.parametrize("line", [*CHINESE, *ENGLISH])
def test_every_common_way_to_say_stop_is_one(line: str) -> None:
    assert is_stop(written(line))
    assert is_stop(f"  {written(line)}\n")


@pytest.mark.parametrize("line", CHINESE)
def test_a_stop_in_traditional_characters_is_one(line: str) -> None:
    assert is_stop(OpenCC("s2t").convert(written(line)))


@pytest.mark.parametrize("line", NOT_STOP)
def test_a_reply_that_asks_for_something_else_is_no_stop(line: str) -> None:
    assert not is_stop(written(line))


@given(st.text(max_size=400))
def test_any_reply_at_all_can_be_read(text: str) -> None:
    assert is_stop(text) in (True, False)


@given(
    st.sampled_from(sorted(WORDS)), st.sampled_from(NOT_STOP), st.sampled_from(["，", " ", "\n"])
)
def test_a_stop_beside_another_question_is_none(word: str, other: str, mark: str) -> None:
    if any(each.isalnum() for each in other) and is_long(other):
        assert not is_stop(f"{word}{mark}{written(other)}")


def is_long(other: str) -> bool:
    """Return whether a text is more than a word, a name or a reason, which may follow a stop."""
    return "?" in other or "？" in other or "吗" in other or "面试" in other


@pytest.mark.parametrize("run", [" ", "\u3000", "\n", " \n", "\t"])
def test_long_runs_of_blanks_do_not_matter(run: str) -> None:
    assert is_stop(f"退订{run * 5_000}谢谢")
    assert is_stop(f"{run * 5_000}STOP{run * 5_000}")
    assert not is_stop(f"你好{run * 5_000}请问几点上班")
