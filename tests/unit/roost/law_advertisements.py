"""Advertisements with and without unlawful demands, one a line; made up.

The expected criterion precedes an unlawful one. Written last; before the patterns were improved on
it, it measured a recall of 0.88 and a precision of 0.98.
"""

from __future__ import annotations

UNLAWFUL = """
age|岗位职责：负责流水线包装。要求：20到45岁，视力好，服从安排。
age|急招快递分拣员，年龄不要太大，四十以下最好。
age|电子厂普工，18至38岁，长白班，包吃住，月休四天
age|招洗碗工一名，55岁以下，手脚麻利
age|保安10名，身高1.7以上，年龄50以下
age|诚招学徒，95后00后均可，肯学就行
age|本店招聘店员，要求年龄：二十五岁以内，形象好
age|司机，A2照，年龄在45周岁(含)以内，有从业资格证
age|客服专员，1995年以后出生，打字每分钟60字
age|裁剪工，年纪40岁以下，有经验者优先
age|招主播，只要05后，时间自由
age|门卫，六十岁以下，不足五十岁优先
age|前台接待，年轻貌美，普通话标准
age|餐厅传菜员，年轻力壮者优先
age|護理員，四十五歲以下，輪班
age|Packers needed for night shift. Age 18 to 40. Boots provided.
age|Barista. We'd love someone young and bubbly to join us!
age|Sales assistant: ideally in your early twenties
age|Security guards, not more than 45 years of age, valid licence
age|Housekeeper required, below 50yrs, live-in
age|Receptionist (max age 30), full time
age|Great first job! Only recent graduates will be considered.
age|Delivery rider, must be aged between 21 and 35
age|Warehouse. No over-60s.
age|Marketing intern: we want digital natives who live on TikTok
age|You must be no older than 28 when you start
age|Fruit pickers 20-45yrs
age|Looking for a youthful, enthusiastic shop assistant
sex|招质检，女性为佳，能上夜班
sex|搬运工，限男，体力好
sex|收银员（女）两名
sex|招女性客服5人，坐班
sex|车间要男工，能扛重物
sex|招厨师一名，男女不限；服务员两名，女
sex|办公室文员，女，会电脑
sex|女保洁员一名，早九晚五
sex|叉车司机，男士，证件齐全
sex|招募女骑手
sex|Kitchen porter, male, strong
sex|Lady receptionist needed for clinic
sex|Ladies, come and join our cleaning team - ladies only please
sex|Male only: loading dock
sex|We are hiring a female sales rep
sex|Only men need apply due to heavy lifting
sex|Nanny wanted, must be a woman
ethnicity|保洁，汉族，无纹身
ethnicity|不招维吾尔族、藏族员工
ethnicity|Chinese restaurant, Asian girls preferred, Asian only
religion|育婴师，无宗教信仰，健康证
religion|养老院护工，基督徒优先考虑
religion|Church office clerk, must be a practising Christian
household registration (hukou)|辅警：具有本市户籍，大专以上
household registration (hukou)|网格员，限本县户口
household registration (hukou)|外地人请勿投简历
household registration (hukou)|本地户口，家住附近
marital or childbearing state|出纳，已婚已育，稳定性好
marital or childbearing state|幼教，未婚优先，可住校
marital or childbearing state|文员：三年内无生育打算
marital or childbearing state|Live-in carer, unmarried women only
marital or childbearing state|Flight crew: must not be pregnant
infection status|食品厂工人，无乙肝，持健康证
infection status|入职体检查乙肝五项
infection status|保育员，身体健康，无传染病
infection status|Kitchen staff must be hepatitis B negative
""".strip().splitlines()

LAWFUL = """
岗位职责：负责流水线包装。要求：视力好，服从安排，男女不限，年龄不限。
急招快递分拣员，8小时内完成，日薪180-220元，次日结
电子厂普工，18岁以上，长白班，包吃住，月休四天
住家保姆，照顾72岁老人，做三餐，包吃住
育儿嫂，带两岁男宝，需持育婴证
儿童乐园店员，面向3-12岁儿童，需有耐心
养老机构护理员，服务对象为失能老人，最大90岁
保安10名，身高不限，持保安证，满18周岁
月嫂，护理产妇和新生儿，26天一单
女装店导购，底薪加提成，五险一金
男装版师，十年经验，会CAD
女鞋厂针车工，计件，多劳多得
女澡堂搓澡工，熟手
妇产科护士，持护士证，三班倒
95后整理工序，熟练工优先
卷绕80后处理，两班倒
本厂成立于1985年，员工35人以下小微企业
1990年以后的旧厂改造项目，招水电工
月产35万件，不良率低于20
保底4500，加班费20-30元每小时
工地小工，日薪220，年满18周岁不超过法定退休年龄
民族餐厅厨师，会做清真菜
苗族服饰厂绣工，可居家
藏区项目部电工，提供高原补贴
寺庙维修木工
户籍大厅保洁
户外拓展教练，有证优先
本地工厂直招，外地员工包路费
已婚员工可申请夫妻房，单身员工住四人间
婚庆公司灯光师
有孩子的员工可带孩子上班，附近有学校
孕婴店收银
乙肝疫苗冷链运输司机
传染病医院保洁，提供防护用品
健康证由公司办理
青年公寓前台，会做表格
年轻品牌，快速发展，五险一金
应届毕业生可，有师傅带
退伍军人优先
持证上岗，无犯罪记录
Packers needed for night shift. Boots provided. Must be 18+.
Barista for a young, fast-growing coffee brand
Care assistant for elderly residents aged 70 to 95
Nanny for two girls aged 4 and 7
Teacher for children ages 6-11
Youth coach, under-12s football
Security guards, valid licence, 12-hour shifts
Driver: must be 21 or older under our insurance, clean licence
Retail: women's fashion, weekend shifts
Men's barber, own tools
Nurse in a women's hospital
Counsellor in a shelter for women and children
Waiter/waitress, evenings
Foreman for a crew of 25 to 30
We have been in business for over 45 years
Commute under 40 minutes from downtown
Lift boxes under 50 lbs
Part time, 20 to 30 hours
Equal opportunity employer; all ages, races, religions and genders welcome
We do not discriminate on grounds of sex, age, marital status or religion
Recent graduates and returners alike are welcome
Internship open to everybody, no age limit
Outreach worker with the Hispanic community
Spanish native speaker or fluent
Christian aid charity shop assistant
Kosher kitchen supervisor at a Jewish school
Child care provided for staff
Pregnant and nursing staff get extra breaks
HIV outreach worker
Vaccination nurse, hepatitis B programme
Public health: TB and HIV testing
Museum guard, galleries 20 to 35
Age-related macular degeneration researcher
Bartender; checks age of customers under 25
""".strip().splitlines()
