using System.Text;
using System.Text.Json;
using CacheProxy.Protocol.Anthropic;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Protocol.Tests.OpenAI;

public sealed class ResponseRequestTests
{
    [Theory]
    [InlineData("\"model\":\"m\"", "input", "missing_required_parameter")]
    [InlineData("\"input\":\"a\"", "model", "missing_required_parameter")]
    [InlineData("\"model\":\"m\",\"input\":[]", "input", "empty_array")]
    [InlineData("\"model\":\"m\",\"input\":7", "input", "invalid_type")]
    [InlineData("\"model\":\"m\",\"input\":[\"a\"]", "input[0]", "invalid_type")]
    [InlineData("\"model\":\"m\",\"input\":[{\"role\":\"robot\",\"content\":\"a\"}]", "input[0].role", "invalid_value")]
    [InlineData("\"model\":\"m\",\"input\":[{\"role\":\"user\"}]", "input[0].content", "missing_required_parameter")]
    [InlineData("\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\"}]}]", "input[0].content[0].text", "missing_required_parameter")]
    [InlineData("\"model\":\"m\",\"input\":[{\"id\":\"msg_1\"}]", "input[0].type", "unsupported_value")]
    [InlineData("\"model\":\"m\",\"input\":[{\"type\":\"web_search_call\",\"id\":\"1\"}]", "input[0].type", "unsupported_value")]
    [InlineData("\"model\":\"m\",\"input\":[{\"type\":\"function_call\",\"name\":\"f\",\"arguments\":\"{}\"}]", "input[0].call_id", "missing_required_parameter")]
    [InlineData("\"model\":\"m\",\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"c\"}]", "input[0].output", "missing_required_parameter")]
    [InlineData("\"model\":\"m\",\"input\":\"a\",\"store\":true", "store", "unsupported_value")]
    [InlineData("\"model\":\"m\",\"input\":\"a\",\"background\":true", "background", "unsupported_value")]
    [InlineData("\"model\":\"m\",\"input\":\"a\",\"previous_response_id\":\"resp_1\"", "previous_response_id", "unsupported_parameter")]
    [InlineData("\"model\":\"m\",\"input\":\"a\",\"conversation\":\"conv_1\"", "conversation", "unsupported_parameter")]
    [InlineData("\"model\":\"m\",\"input\":\"a\",\"prompt\":{\"id\":\"p\"}", "prompt", "unsupported_parameter")]
    [InlineData("\"model\":\"m\",\"input\":\"a\",\"max_output_tokens\":0", "max_output_tokens", "integer_below_min_value")]
    [InlineData("\"model\":\"m\",\"input\":\"a\",\"temperature\":2.1", "temperature", "decimal_above_max_value")]
    [InlineData("\"model\":\"m\",\"input\":\"a\",\"truncation\":\"some\"", "truncation", "invalid_value")]
    [InlineData("\"model\":\"m\",\"input\":\"a\",\"include\":[\"everything\"]", "include[0]", "invalid_value")]
    [InlineData("\"model\":\"m\",\"input\":\"a\",\"top_logprobs\":21", "top_logprobs", "integer_above_max_value")]
    [InlineData("\"model\":\"m\",\"input\":\"a\",\"metadata\":{\"a\":1}", "metadata.a", "invalid_type")]
    [InlineData("\"model\":\"m\",\"input\":\"a\",\"text\":{\"format\":{\"type\":\"xml\"}}", "text.format.type", "invalid_value")]
    [InlineData("\"model\":\"m\",\"input\":\"a\",\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"n\"}}", "text.format.schema", "missing_required_parameter")]
    [InlineData("\"model\":\"m\",\"input\":\"a\",\"tools\":[{\"type\":\"function\"}]", "tools[0].name", "missing_required_parameter")]
    [InlineData("\"model\":\"m\",\"input\":\"a\",\"tool_choice\":\"all\"", "tool_choice", "invalid_value")]
    [InlineData("\"model\":\"m\",\"input\":\"a\",\"tool_choice\":{\"type\":\"web_search\"}", "tool_choice.type", "unsupported_value")]
    public void TryParse_WhatIsWrong_NamesTheField(string fields, string param, string code)
    {
        Assert.False(ResponseRequest.TryParse(Bytes($"{{{fields}}}"), out _, out RequestError? error));
        Assert.Equal((param, code), (error.Param, error.Code));
    }

    [Fact]
    public void TryParse_Defaults_AreEchoed()
    {
        ResponseRequest request = Parse("""{"model":"m","input":"a","store":false,"reasoning":{"effort":"high"},"service_tier":"auto","text":{"verbosity":"low"}}""");
        Assert.Equal(new ResponseEcho(), request.Echo);
        Assert.Equal((null, false, null), (request.Chat.MaxTokens, request.TruncatesPrompt, request.Chat.TopLogProbs));
    }

    [Fact]
    public void TryParse_AnotherFieldOfTheSameFunction_MakesTheToolOfAChat()
    {
        ResponseRequest request = Parse("""{"model":"m","input":"a","tools":[{"strict":true,"parameters":{"type":"object"},"description":"d","name":"f","type":"function"}]}""");
        Assert.Equal("""{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}""", request.Chat.Tools[0].Json);
    }

    public static TheoryData<string, string, string> ClientRequests()
    {
        var data = new TheoryData<string, string, string>();
        using JsonDocument document = JsonDocument.Parse(Fixture.Bytes("client-requests-responses-messages.json"));
        foreach (JsonElement item in document.RootElement.EnumerateArray())
        {
            data.Add(item.GetProperty("name").GetString()!, item.GetProperty("path").GetString()!, item.GetProperty("body").GetString()!);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(ClientRequests))]
    public void TryParse_WhatRealClientsSend_IsUnderstoodOrRefusedByName(string name, string path, string body)
    {
        RequestError? error;
        _ = path switch
        {
            "/v1/responses" => ResponseRequest.TryParse(Bytes(body), out _, out error),
            "/v1/messages" => MessageRequest.TryParse(Bytes(body), out _, out error),
            _ => MessageRequest.TryParseCount(Bytes(body), out _, out error),
        };
        string? refused = body.Contains("previous_response_id", StringComparison.Ordinal) ? "previous_response_id"
            : body.Contains("budget_tokens", StringComparison.Ordinal) ? "thinking.type" : null;
        Assert.True(error?.Param == refused, $"{name}: {error}");
    }

    private static ResponseRequest Parse(string body)
    {
        Assert.True(ResponseRequest.TryParse(Bytes(body), out ResponseRequest? request, out RequestError? error), error?.Message);
        return request;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
