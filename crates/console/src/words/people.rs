use super::words;

words! {
    /// Who may use the console.
    PeopleWords {
        about: "Whoever knows AUTH_TOKEN signs in as “admin”. Others have names and passwords of their own: administrators do everything, viewers see everything but secrets and change nothing.", "知道 AUTH_TOKEN 的人以“admin”登录。其他人使用自己的名称和密码：管理员可执行一切操作，查看者可查看除机密外的一切，但不能更改。";
        add: "Add somebody", "添加人员";
        name: "Name", "名称";
        role: "Role", "角色";
        administrator: "administrator", "管理员";
        viewer: "viewer", "查看者";
        second_factor: "Second factor", "两步验证";
        is_on: "on", "已启用";
        is_off: "off", "未启用";
        codes_left: "{} recovery codes left", "剩余 {} 个恢复码";
        added: "Added", "添加时间";
        actions: "What can be done", "操作";
        make: "Make {}", "设为{}";
        remove: "Remove", "移除";
        remove_sure: "Remove them? Their sessions and admin tokens end at once.", "移除此人？其会话和管理令牌将立即失效。";
        role_sure: "Change the role? Their sessions end. A viewer’s admin tokens are revoked.", "更改角色？其会话将结束；成为查看者时，其管理令牌会被吊销。";
        reset: "Reset password", "重置密码";
        reset_about: "Their sessions end, and the admin tokens that they made are revoked.", "其会话将结束，其创建的管理令牌将被吊销。";
        first_password: "Password", "密码";
        first_password_hint: "At least {} characters. Empty: one is made, and shown once.", "至少 {} 个字符。留空则自动生成并仅显示一次。";
        nobody: "Nobody besides “admin” yet", "除“admin”外还没有人员";
        nobody_about: "Give everybody a name of their own: the audit log tells them apart.", "为每个人设置自己的名称，审计日志即可区分。";
        password_of: "The password of {}", "{} 的密码";
        password_once: "Hand it over now: it is not shown again. Whoever gets it chooses another when they sign in.", "请立即转交，之后不再显示。收到者登录时须另设密码。";
        own: "Your account", "您的账户";
        own_admin: "Your password is AUTH_TOKEN; it is changed where it is set.", "您的密码即 AUTH_TOKEN，请在其设置之处更改。";
        change_password: "Change password", "更改密码";
        current: "Present password", "当前密码";
        new_password: "New password, at least {} characters", "新密码，至少 {} 个字符";
        change_about: "Your other sessions end.", "您的其他会话将结束。";
        set_up: "Set up", "设置";
        turn_off: "Turn off", "关闭";
        factor_about: "After the password, a code from an app on your phone is asked for.", "输入密码后，还需输入手机应用中的验证码。";
        scan: "Scan this with an authenticator app", "使用验证器应用扫描";
        scan_picture: "QR code with the secret", "含密钥的二维码";
        or_type: "Or type the secret", "或手动输入密钥";
        open_app: "Open in an app on this device", "在本设备的应用中打开";
        code: "Code of six digits", "六位验证码";
        confirm: "Turn on", "启用";
        recovery_codes: "Recovery codes", "恢复码";
        recovery_once: "The second factor is on. Each of these codes opens once in place of the app: keep them where your phone is not. They are not shown again.", "两步验证已启用。每个恢复码可代替应用使用一次，请存放在手机之外。之后不再显示。";
        tokens: "Admin tokens", "管理令牌";
        tokens_about: "For scripts: they open the JSON API, never these pages.", "供脚本使用：仅可访问 JSON API，不能打开这些页面。";
        create_token: "Create admin token", "创建管理令牌";
        token: "Token", "令牌";
        token_once: "Copy it now: it is not shown again.", "请立即复制，之后不再显示。";
        scope: "Scope", "范围";
        scope_read: "read: look at everything", "read：查看一切";
        scope_full: "full: change everything", "full：更改一切";
        maker: "Made by", "创建者";
        expires: "Expires", "到期时间";
        never_expires: "no expiry", "永不过期";
        days: "Days until it expires", "有效天数";
        days_hint: "Empty: it does not expire.", "留空则永不过期。";
        last_used: "Last used", "最近使用";
        revoke: "Revoke", "吊销";
        revoke_sure: "Revoke this token? Scripts that use it are refused at once, for good.", "吊销此令牌？使用它的脚本将立即且永久被拒绝。";
        revoked: "revoked", "已吊销";
        expired: "expired", "已过期";
        no_tokens: "No admin tokens", "没有管理令牌";
        done: "To the people", "返回人员列表";
    }
}
