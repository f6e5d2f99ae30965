"""Requirements and remarks as advertisements write them, one a line; made up.

Each half was measured before the patterns were improved on it: recall 0.73 and 0.85, precision 0.96
and 1.00.
"""

from __future__ import annotations

UNLAWFUL = """
要求：年龄18-40周岁，身体健康
1.年龄20—45岁之间；2.初中以上
年龄在35周岁及以下
年龄:25-35
(年龄18-35岁)
男女不限，18-45岁
男女不限 年龄18-50
男，18-45岁
女，年龄30岁以下
男女18--50
男18—55，女18—50
18一45岁
十六到四十五周岁
十八至三十五岁
年龄:20~38岁，能吃苦
年龄不超40
年龄45以内
年龄50岁以下，身体好
年龄要求50以下
年龄20至40优先
年龄小于35
年龄低于三十五
不超过45岁
不大于50周岁
45周岁以下（含45周岁）
45岁(含)以下
1980年1月1日(含)以后出生
1979年12月31日以后出生
1990年6月以后出生人员
80后、90后
限80后90后
95后00后优先
85后优先录用
欢迎90后、00后加入
我们想要95后的你
招90后宝妈
只要年轻的
年轻小伙子
招年轻人
形象气质佳，年轻
年轻漂亮
身强力壮的男性
女性，25-40岁
女，形象好
只限女
仅招女性
招女性
女性优先考虑
限男性应聘
男性优先录用
此岗位适合男性
适合男士
男生优先
女孩优先
男员工
性别：限男
性别:男性
男士
要男的
招男的
招收男学徒
招聘女营业员若干名
招聘：女收银2名
招收女缝纫工
急聘男保安10名
女士请勿应聘
女性请勿投递
谢绝女性
不招男性
男1名
女2人
男、女各1名
汉族优先考虑
民族：汉
需汉族
非少数民族
藏族、维族勿扰
不招新疆人
不要河南人
限本市户口
本市户口者优先
本地户口者优先
须本地户籍
北京户口优先
京籍优先
有本地户口
外地户口不要
外来人员勿扰
已婚已育女性优先
已婚已育者
未婚女性
已婚女士优先
要求未婚
婚姻状况不限未婚优先
已生育优先
已有小孩优先
近三年无生育计划
短期内无生育计划
无怀孕计划
非孕期、非哺乳期
孕期哺乳期不招
不招怀孕妇女
孕妇不招
乙肝表面抗原阴性
无乙肝、梅毒等传染病
不得患有乙肝
肝功能正常，非乙肝
有传染病者勿扰
无传染病和重大疾病史
体检无传染病
不信仰任何宗教
无信仰
不信仰宗教
age 18-35 preferred
Applicants aged 18 to 35 only
Candidates between 25 and 35 years of age
We are looking for someone aged 25-40
Looking for someone under 40
Someone younger than 30
Must be between 18 and 40
You should be under 30
You must not be older than 35
Maximum age 35 years
Maximum age limit: 40
Upper age limit 45
Age limit: 18-35 years
Age: below 30
Age below 40
age under 40
Age group 20-35
Age requirement: 20-35
Age 18~40
Not above 35 years old
not above 40
Should not exceed 35 years
no more than 35
Over-40s need not apply
No applicants over the age of 50
No over 50s
People over 50 should not apply
Persons above 45 will not be considered
We only hire people under 40
under 30s only
Under 30 preferred
Under 25s welcome only
Preferably under 30
preferably between 20 and 30
ideally 20-30 years old
ideal age 25-35
25 to 35 year old
25-35yo
20-something
twentysomething wanted
born after 1990 preferred
born in the 90s
born 1990 or after
Recent graduate wanted
Recent grads only
Recent high school graduate preferred
seeking recent graduates
new college graduates preferred
fresh grads preferred
fresh graduate
Only fresh graduates
young blood wanted
young and fit
young man wanted
young lady wanted
Seeking young and energetic waitresses
Looking for young talent
must be youthful
youthful and energetic
Preferably young
young only
Perfect for a digital native
Are you a digital native?
millennials only
Generation Z only
Male applicants only
Only females need apply
Females only need apply
Female only
Men preferred
man wanted
woman wanted
Women preferred
Woman preferred
lady preferred
Lady driver wanted
Female cook wanted
male security guard wanted
Male helper required
Female nanny
Need a female cleaner
we need girls
Hiring men
Hiring women only
Wanted: waitress
Waitress needed urgently
Salesgirls wanted
Barmaid required
Gentleman wanted
This position is only for women
This job is for males only
Females are preferred
preference given to men
Preference will be given to female candidates
sex: male only
Gender: female only
gender - male
Male/20-35
Han nationality only
Han people preferred
White people only
no foreigners
Locals only
No Muslims please
Christians preferred
Christian only
Must be Muslim
Must be a Christian
Must be Catholic
Religion: Christian
Single only
Single preferred
Unmarried preferred
Must not be married
unmarried girls only
No kids
not pregnant
No plans to have children
Married preferred
HIV-free
HIV negative certificate required
Must test negative for hepatitis B
Hepatitis B carriers need not apply
free of infectious diseases
任职要求：1、男女不限，年龄20-40岁；2、吃苦耐劳
招聘条件：18-45周岁，身体健康，无不良嗜好
要求：年龄45岁以下，有焊工证
年龄要求：女50岁以下，男55岁以下
男性，50岁以下，会开叉车
要求男性，年龄在25—50岁
女性，35岁以内，普通话标准
年龄最好在30岁左右
年龄在四十岁以下
不超五十岁
五十周岁以下身体健康者
年纪轻
年紀35以下
年龄18岁--48岁
年龄范围22-35
25岁—35岁优先
25周岁至40周岁之间
20-30岁的年轻人
年龄不得大于三十五周岁
年龄≦40岁
40岁以上者请勿扰
45周岁以上人员不予录用
1986年1月1日后出生
1990年及以后出生的人员
限1995年后出生
只招95后、00后
90后、95后均可
适合90后
要求95后
00后看过来
生於1990年以後
八零后九零后优先
男普工10名
女质检员2名
男学徒工
男生优先考虑
仅限男生
只招女生，男生勿扰
限男士
男士勿进
女士优先考虑
女性岗位
女性員工優先
要求女性，已婚
最好是女性
最好男性
需男性两名
需要女工
需要男的
女生更佳
优先女性
优先考虑男性
招前台小姐姐
招美女前台
帅小伙优先
性别：女，年龄：25-35
性别不限，女性优先
限未育
已婚已育者优先考虑
已婚已育、稳定
已婚有小孩优先
婚姻：已婚
婚否：未婚
不招已婚未育
未婚未育勿扰
两年内无结婚生育打算
孕妇、哺乳期妇女勿扰
处于孕期者请勿应聘
无孕
限本县户籍
本县户籍优先
有本市户口者优先
当地户口
户籍本地
须为本地居民户口
东北人勿扰
河南籍勿扰
不招外省人
不招外地人
汉族人优先
须为汉族
仅招汉族
少数民族除外
民族：汉族，籍贯不限
不信教者优先
有宗教信仰者不招
必须无宗教信仰
基督徒勿扰
乙肝小三阳勿扰
需提供乙肝检测报告
两对半正常
无肝炎、结核等传染病
身体健康无传染病史
Age between 20 and 35
Candidates should be between the ages of 21 and 40
Age: not more than 35
not more than 35 years
Age must be below 45
Must be below 35 years of age
Must be 35 or younger
Under 40 years only
Below 30 preferred
Max. 40 years old
Maximum 50 years of age
18-35 years of age only
20 to 35 yrs old
Only candidates under 40 will be considered
Applicants must not be over 50 years old
Anyone over 45 should not apply
People over the age of 50 need not apply
no one above the age of 45
Nobody aged over 50
no one over the age of fifty
older workers need not apply
We prefer younger candidates
younger workers preferred
youngsters wanted
young staff wanted
young women preferred
seeking a young, dynamic salesperson
we're looking for young people
recent college graduate
recent university graduates only
Class of 2025 or later only
graduates of 2024 or later only
new grads preferred
Recent graduates (0-2 years) only
Digital-native candidates
We want digital natives.
Gen Z candidates wanted
Born after 1 January 1990
Must be born after 1990
Date of birth: after 1990
Women only need apply
Men only
Male only.
ONLY MALES
only ladies
Females only!
female preferable
Female candidate is preferred
male candidates preferred
Male staff only
Male waiters wanted
Looking for female tutor
Looking for a lady cook
Seeking male model
A woman is preferred
We are looking for men
No ladies
Girls preferred
Boys only
Hostesses wanted
Waitresses needed
Sex: M
Gender preference: female
For men only
Not suitable for women
Job not suitable for women
Unmarried female only
Single ladies only
Must be unmarried
Married women need not apply
No pregnant applicants
Women without children preferred
Whites only
Asian only
Only Chinese of Han nationality
Muslims only
Only Muslims need apply
No Christians
Catholic preferred
must be of Christian faith
local residents with Beijing hukou only
Beijing hukou required
hukou holders only
HIV negative applicants only
no HIV
free from hepatitis B
""".strip().splitlines()

LAWFUL = """
年龄不是问题
年龄不是障碍
经验不限年龄不限
不看年龄看能力
年满18周岁，身体健康
18周岁以上，有身份证
满18岁即可
18-60岁
年龄18—60周岁，男女不限
不招童工，16岁以上
男女不限，夫妻优惠
男女老少皆宜的餐厅
男女各半
男女搭配
招男女缝纫工
男女服务员
女装厂
女装车位工
女裤车间
女包皮具
女鞋针车
女款羽绒服
男裤
男士西装
男士护肤品
女性内衣车间
女性服饰店店员
妇女儿童医院
妇幼保健
女校保安
女生宿舍阿姨
男生宿舍管理
女子会所
客户以女性为主
主要服务女性消费者
女员工多
有男女宿舍
提供男女分开的宿舍
夫妻可安排夫妻房
有小孩的可带孩子
孩子可上附近幼儿园
附近有幼儿园
三岁孩子的育儿嫂
2岁宝宝，育儿嫂
照顾1岁半宝宝
照顾90岁老太太
80岁老人，能自理
老人85岁，女，半自理
接送7岁孩子上学
面向18-45岁用户的社区
产品面向25-35岁女性
为30-50岁客户服务
成人教育（18-45岁学员）
儿童3-12岁英语教师
5-12岁
0-6岁早教
年龄段3-6岁
工作年限3-5年
3-5年工作经验
工作20年以上老师傅
10年老店
建厂20年
30年老厂
成立于1985年
1998年成立
2000年以后建筑
1990年代的设备
公司90后创业
90后喝茶品牌
80后厨房餐厅
70后老板
95后端开发
90后段
后道工序
00后台维护
60后轮
85后桥装配
12：00后交班
8:00后
22点后
工资5000后期可涨
前3个月4000后5000
身高不限
形象不限
民族不限，户口不限
民族歌舞团
汉族地区
回族自治州
回民街
壮族自治区出差
清真餐厅厨师
伊斯兰风味
佛教协会保安
基督教堂保洁
教育
教徒弟
徒弟
本地企业
本地用工
本地就近就业
外地员工提供住宿
外地员工报销车费
户外工作
客户经理
大户型
户口随迁
落户补贴
帮办户籍
办理暂住证
户口簿复印件一份
身份证、户口本
已婚未婚不限
婚礼策划
婚庆公司
婚纱店
未婚单位
单身员工宿舍
单身活动
孕婴用品
孕妇餐
母婴室
哺乳室
产假
育儿补贴
生育津贴
产检假
怀孕女职工按规定休假
依法享受婚假、产假、哺乳假
传染病科护士
传染病防控
疫苗接种
无传染病医院经验要求
肝病科
年轻化的团队氛围
团队年轻
年轻活力的团队
青年就业见习
青年志愿者
青年客栈
青春
不满足现状
满意
30岁的公司
Our team has an average age of 30
average age 35
Our company is 40 years old
The building is over 40 years old
a 45-year-old company
with 35 years' experience
30+ years in business
over 30 years of experience
Over 25 years serving New York
Over 40,000 customers
fleet of under 30 vehicles
under 30 days
wait under 30 mins
under 30 min commute
under 50 dB
under $30
under 25%
speed under 30
under 40 characters
below 25 degrees
ages 5-12
after-school program for ages 6 to 14
teach adults aged 18-35
summer camp for ages 10 to 16
patients over 50
supports people aged 50 and over
clients between 18 and 35 years of age
seniors aged 60+
services to persons over 60
residents over 55
Youth ages 16 to 24 served by the program
work with youth aged 14-21
manage caseload of 35 to 40
supervise 20-30 staff
20-30 hours
20 to 40 hours per week
30-45 minutes
lift 25 to 50 pounds
lift up to 50 lbs
type 40 wpm
must be 18
must be 18 or over
must be 18+
must be over 21
must be at least 21 years old
21+ only
18 years and above
minimum 18 years old
proof of age
age verification
Age is just a number
no age restrictions
no age or gender restrictions
all genders and ages
for women's health
women's studies
Women in Need shelter
Men's Wearhouse
Old Navy Women's department
female condom
female connectors
males and females of all ages
both men and women
men or women
men/women
M/F/D
Gender: any
Gender: male/female
sex: any
waiter/waitress needed
Wait staff needed
seamstress or tailor wanted
actress
hostess stand
girl scouts
Boys and Girls Club
ladies' fashion
man the front desk
manage
woman-owned
the salesman
chairman
native plants
native speaker of Chinese
native English speaker preferred
French speaker required
American cuisine
Indian restaurant
Black Friday
White House
white board
Asian studies
Chinese food
Catholic Charities
Jewish Community Center
Christian Dior
Muslim community
single parents
single malt
single room provided
single mothers shelter
married housing
children's hospital
no children allowed in workshop
kids club
daycare for children
pregnancy test kits
maternity
hepatitis B vaccination required
TB test
HIV clinic
HIV/AIDS
infectious disease control
recent graduates welcome to apply
entry level; recent graduates are welcome
Open to recent graduates and experienced workers
We welcome recent graduates
help recent graduates find work
placement of recent graduates
graduate degree
graduated from high school
new graduate nurse residency
young children
children and young people
young at heart
young company
young brand
Young Street
digital marketing natives ads
digitally native
next generation
Generation Z audience
born leader
born and raised
Newborn nursery
reborn
任职要求：1、男女不限，年龄不限；2、吃苦耐劳
招聘条件：年满18周岁，身体健康，无不良嗜好
要求：有焊工证，45天内到岗
年满18周岁，60周岁以下
年龄在18—60岁之间
18岁以上均可
工龄5年以上
30天内到岗
月休4天，工作满1年后涨薪
每周40小时以下
45分钟以内车程
35度以下恒温车间
体重50以下货物
20-30人团队
保底4000，18-25元/时
年产95后焊缝
90后的客户
为90后打造的茶饮品牌
服务80后90后家庭
后90分钟
1990年后建成的厂房
1985年创办，1995年改制
1995年后投产的生产线
2008年后出厂
老人男，80岁
老太太78岁，能自理
爷爷82岁
宝宝8个月
孩子10岁，小学三年级
35岁产妇护理
产妇28岁，二胎
为中老年人服务
老年公寓护理员
养老院18-60床位
青年公寓
青年路
年轻人喜爱的品牌
适合年轻人的奶茶店
男女不限，夫妻均可
男女工均可
男女不拘
不分男女老少
性别年龄不限
性别、民族、户籍不限
无性别要求
男装女装童装
男装部
女装销售经验
女鞋厂
女性护理用品
女士手袋
男士服装导购
男宾部服务
女宾部服务员
女更衣室保洁
妇女联合会
女职工特殊保护
女职工卫生费每月30元
三八节女员工放假半天
男职工护理假15天
男女员工分开住宿
男厕所清洁
女厕所清洁
帮助妇女就业
妇女创业培训教师
美女直播基地设备维护
帅哥理发店
小伙伴们
找小伙伴
大姐家政公司
已婚未婚均可
婚介所红娘
结婚礼金
结婚登记员
生育险
二胎补贴
有小孩者可安排入托
可带小孩上班
适合宝妈的时间
孕婴童门店
产后康复师
月子餐厨师
孕产妇护理师
妇产医院导医
离婚登记窗口
户籍警
户口迁移办理
户外广告安装
落户政策
本地招工
本地客户多
外地出差
外地客户接待
东北菜厨师
河南烩面师傅
新疆大盘鸡厨师
四川火锅店
内蒙古牧场
西藏项目驻场
汉语教师
维吾尔语翻译
藏语主播
苗绣
侗族大歌演员
民族中学食堂
少数民族聚居区驻村
尊重少数民族习惯
佛堂保洁
佛山
道教文化
教堂管风琴维修
信用卡
信息录入
乙肝门诊护士
肝胆科
传染科护工
HIV快速检测员
健康证
身体健康
无重大疾病史
无不良嗜好
无犯罪记录
无经验要求
Average age of our residents is 80
40 years of experience combined
company of 45 years
for over 35 years
over 20 years old brand
more than 30 years
at least 25 years of experience
25 years minimum experience
30-45 days
35 to 40 hours/week
aged care worker
aged beef
aging services
anti-aging products
old age home
middle school students aged 11 to 14
children between 6 and 12 years old
adults with disabilities aged 21 to 64
teach ages 18-35
program serves participants 18 to 24 years old
after school (ages 5 to 12)
girls aged 10 to 20
under 18s swimming club
under-21 football team coach
U21 coach
over 60s lunch club
over 18 only
must be 18 or older to apply
18 and over
min age 18
must be 21 or older to serve alcohol
drivers must be at least 21
no discrimination based on age
age, sex, race and religion play no role
applicants of all ages
people of any age or gender
mature attitude
experienced
seniority
junior developer
senior nurse
graduate engineer
graduate of an accredited program
recently renovated
recently graduated students placement office
college graduates
high school graduate
youth hostel
young adult fiction editor
young offender
young minds
growing young company
youngest member
fresh fruit
new graduate program coordinator
digital-native companies
Men's clothing
mens wear
women's rights organisation
women veterans outreach
services for women
counselor for battered women
shelter for homeless men
male and female dormitories
female or male applicants
both male and female
male/female
men's and women's restrooms
Ladies night
girls school
boys basketball coach
female connector
Women's Health Magazine
manager wanted
foreman wanted
fisherman
sportsman club
showman
waitstaff wanted
hostess/host needed
maid service
single source of truth
single mothers support
singles event
single or double room
married quarters
family-friendly hours
pregnancy counselor
childless by choice documentary
child support clerk
Catholic hospital
Christian name
Jewish holidays off
Muslim prayer room
religious organisation
ethnic food
Chinese speaker
Han River
race organiser
white collar
black tie
Asian languages a plus
Hispanic community outreach
minority-owned
native gardens
negative pressure room
HIV services
hepatitis awareness
infectious waste handling
""".strip().splitlines()
