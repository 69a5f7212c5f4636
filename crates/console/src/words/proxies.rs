use super::words;

words! {
    /// The ways out to Google.
    ProxiesWords {
        title: "Proxies", "代理";
        about: "The ways out to Google. Numbers are this process's, since it started.", "通往 Google 的出口。数字为本进程自启动以来的统计。";
        add: "Add proxies", "添加代理";
        paste: "Proxies", "代理";
        paste_hint: "One on a line: http://, https://, socks5:// or socks5h://, with user:password@ if needed. They go into the setting PROXIES.", "每行一个：http://、https://、socks5:// 或 socks5h://，需要时带 user:password@。将写入设置 PROXIES。";
        test_all: "Test all", "测试全部";
        test: "Test", "测试";
        remove: "Remove", "移除";
        sure: "Take this proxy out of PROXIES? Its keys move to the others.", "从 PROXIES 中移除此代理？其密钥将改用其他代理。";
        sure_last: "Take this proxy out of PROXIES? It is the last one: after that, calls go to Google directly, from this machine's own address.", "从 PROXIES 中移除此代理？这是最后一个：移除后请求将以本机地址直连 Google。";
        settings: "Settings of the ways out", "出口设置";
        sticky: "Each key keeps to its own proxy as long as that works.", "只要可用，每个密钥固定使用自己的代理。";
        by_chance: "Every attempt takes a proxy by chance.", "每次尝试随机使用一个代理。";
        never_direct: "With proxies, nothing ever goes directly.", "配置代理后不会直连。";
        way: "Way out", "出口";
        kind: "Kind", "类型";
        state: "State", "状态";
        up: "Up", "正常";
        down: "Down", "不可用";
        new: "Being taken up", "正在生效";
        since: "since", "自";
        next_probe: "next probe in", "下次探测剩余";
        keys: "Keys", "密钥";
        keys_here: "Keys that are at home here", "固定使用此代理的密钥";
        keys_more: "and {} more", "以及另外 {} 个";
        no_keys: "None: every attempt takes a proxy by chance.", "无：每次尝试随机使用代理。";
        no_keys_yet: "None.", "无。";
        attempts: "Attempts", "尝试";
        quota_spent: "429", "429";
        busy: "5xx", "5xx";
        broken: "Broken", "连接失败";
        region_refused: "Refused for the country of its address", "因地区被拒绝";
        first_byte: "First byte", "首字节";
        last_used: "Last used", "最近使用";
        last_test: "Last test", "最近测试";
        reached: "Google answered after {}", "Google 在 {} 后应答";
        not_tested: "not tested yet", "尚未测试";
        average: "All together", "平均";
        worse: "more than twice as often as all together", "超过平均的两倍";
        wrongs: "What went wrong", "失败情况";
        wrong: "What", "情况";
        times: "How often", "次数";
        share: "Share", "占比";
        facts: "About this way out", "关于此出口";
        none: "No proxy: calls go to Google directly", "没有代理：直连 Google";
        none_about: "A proxy is needed where Google cannot be reached or does not serve the country of this machine's address (\"User location is not supported\"), and helps where many keys at one address are slowed down. Test the direct way to see whether Google is reached from here.", "当无法访问 Google、本机地区不受支持（\"User location is not supported\"），或大量密钥共用一个地址而被限速时，需要代理。可测试直连以确认从此处能否访问 Google。";
        readonly: "SETTINGS_READONLY is set: proxies are changed in the environment.", "已设置 SETTINGS_READONLY：请在环境变量中修改代理。";
    }
}
