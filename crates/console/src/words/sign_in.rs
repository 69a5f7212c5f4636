use super::words;

words! {
    /// Claiming the console and signing in.
    SignInWords {
        sign_in: "Sign in", "登录";
        about: "The console of this gateway", "此网关的控制台";
        name: "Name", "名称";
        password: "Password", "密码";
        password_hint: "With AUTH_TOKEN set, that is the password of “admin”.", "设置了 AUTH_TOKEN 时，它就是“admin”的密码。";
        forgotten: "Forgotten? Whoever has a shell there:", "忘记密码？在服务器命令行执行：";
        keep: "Keep me signed in for 30 days", "30 天内保持登录";
        wrong: "Name or password is wrong.", "名称或密码错误。";
        wait: "Too many wrong passwords. Wait {} seconds.", "密码错误次数过多，请等待 {} 秒。";
        code: "Code", "验证码";
        code_about: "Your password is right. Now the code of your second factor.", "密码正确，请输入两步验证的验证码。";
        code_hint: "Six digits from your authenticator app, or one of your recovery codes.", "验证器应用中的六位数字，或一个恢复码。";
        wrong_code: "This is no code of yours, or it was used already.", "验证码错误或已使用过。";
        too_late: "That took too long. Sign in again.", "操作超时，请重新登录。";
        choice_about: "Your password was made for you. Choose one that nobody else knows.", "您的密码由他人生成，请设置一个只有您知道的密码。";
        known_password: "This is the one that was made for you.", "这就是为您生成的密码。";
        start_again: "Start again", "重新开始";
        claim: "Claim this gateway", "认领此网关";
        claim_about: "Nobody administers this gateway yet. Whoever has its setup code may.", "此网关尚无管理员，持有安装码的人可以认领。";
        setup_code: "Setup code", "安装码";
        setup_code_hint: "The gateway printed it when it started. It is good for 30 minutes; a restart makes another.", "网关启动时已打印。30 分钟内有效，重启后会生成新的安装码。";
        new_password: "Choose a password of at least {} characters", "设置密码，至少 {} 个字符";
        wrong_setup_code: "This is not the setup code of this start.", "这不是本次启动的安装码。";
        spent_setup_code: "The setup code has expired or was tried too often. Restart the gateway for a new one.", "安装码已过期或尝试次数过多，请重启网关以获取新的安装码。";
        short_password: "The password is too short.", "密码太短。";
        no_name: "A name is needed.", "请填写名称。";
        claimed: "Somebody claimed this gateway a moment ago.", "此网关刚刚已被认领。";
    }
}
