use super::words;

words! {
    /// The API for scripts.
    ApiWords {
        title: "API", "接口";
        about: "Everything here is there for scripts too: JSON, with AUTH_TOKEN as the bearer. Times are milliseconds since the Unix epoch.", "这里的一切脚本也能使用：JSON，以 AUTH_TOKEN 作为 Bearer。时间为 Unix 毫秒。";
        document: "OpenAPI document", "OpenAPI 文档";
        contents: "Endpoints", "端点";
        parameters: "Parameters", "参数";
        body: "Body", "请求体";
        answers: "Answers", "响应";
        example: "Example", "示例";
        schemas: "Schemas", "数据结构";
        field: "Field", "字段";
        kind: "Type", "类型";
        meaning: "Meaning", "含义";
        required: "required", "必填";
        place: "Where", "位置";
    }
}
