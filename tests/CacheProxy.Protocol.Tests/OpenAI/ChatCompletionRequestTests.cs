using System.Text;
using System.Text.Json;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Protocol.Tests.OpenAI;

public sealed class ChatCompletionRequestTests
{
    private const string Hello = """ "model":"m","messages":[{"role":"user","content":"hi"}] """;

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}]}""", "model", "missing_required_parameter")]
    [InlineData("""{"model":7,"messages":[{"role":"user","content":"hi"}]}""", "model", "invalid_type")]
    [InlineData("""{"model":null,"messages":[{"role":"user","content":"hi"}]}""", "model", "invalid_type")]
    [InlineData("""{"model":"m"}""", "messages", "missing_required_parameter")]
    [InlineData("""{"model":"m","messages":[]}""", "messages", "empty_array")]
    [InlineData("""{"model":"m","messages":"hi"}""", "messages", "invalid_type")]
    [InlineData("""{"model":"m","messages":["hi"]}""", "messages[0]", "invalid_type")]
    [InlineData("""{"model":"m","messages":[{"content":"hi"}]}""", "messages[0].role", "missing_required_parameter")]
    [InlineData("""{"model":"m","messages":[{"role":"robot","content":"hi"}]}""", "messages[0].role", "invalid_value")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"a"},{"role":"user"}]}""", "messages[1].content", "missing_required_parameter")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":null}]}""", "messages[0].content", "invalid_type")]
    [InlineData("""{"model":"m","messages":[{"role":"assistant","content":null}]}""", "messages[0].content", "invalid_type")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":5}]}""", "messages[0].content", "invalid_type")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[]}]}""", "messages[0].content", "empty_array")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"text":"a"}]}]}""", "messages[0].content[0].type", "missing_required_parameter")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"text"}]}]}""", "messages[0].content[0].text", "missing_required_parameter")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"\ud800"}]}""", "messages[0].content", "invalid_value")]
    [InlineData("""{"model":"m","messages":[{"role":"tool","content":"x"}]}""", "messages[0].tool_call_id", "missing_required_parameter")]
    public void TryParse_BadMessages_NamesTheField(string body, string param, string code) => AssertRefused(body, param, code);

    [Theory]
    [InlineData("\"temperature\":2.5", "temperature", "decimal_above_max_value")]
    [InlineData("\"temperature\":-0.1", "temperature", "decimal_below_min_value")]
    [InlineData("\"temperature\":\"hot\"", "temperature", "invalid_type")]
    [InlineData("\"temperature\":1e999", "temperature", "decimal_above_max_value")]
    [InlineData("\"top_p\":1.01", "top_p", "decimal_above_max_value")]
    [InlineData("\"min_p\":-1", "min_p", "decimal_below_min_value")]
    [InlineData("\"top_k\":1.5", "top_k", "invalid_type")]
    [InlineData("\"presence_penalty\":-3", "presence_penalty", "decimal_below_min_value")]
    [InlineData("\"frequency_penalty\":3", "frequency_penalty", "decimal_above_max_value")]
    [InlineData("\"max_tokens\":-1", "max_tokens", "integer_below_min_value")]
    [InlineData("\"max_tokens\":0", "max_tokens", "integer_below_min_value")]
    [InlineData("\"max_completion_tokens\":\"5\"", "max_completion_tokens", "invalid_type")]
    [InlineData("\"max_completion_tokens\":99999999999", "max_completion_tokens", "integer_above_max_value")]
    [InlineData("\"max_tokens\":5,\"max_completion_tokens\":5", "max_tokens", "invalid_parameter_combination")]
    [InlineData("\"n\":0", "n", "integer_below_min_value")]
    [InlineData("\"n\":129", "n", "integer_above_max_value")]
    [InlineData("\"seed\":\"x\"", "seed", "invalid_type")]
    [InlineData("\"stop\":5", "stop", "invalid_type")]
    [InlineData("\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]", "stop", "array_above_max_length")]
    [InlineData("\"stop\":[\"a\",\"\"]", "stop[1]", "empty_string")]
    [InlineData("\"stop\":[1]", "stop[0]", "invalid_type")]
    [InlineData("\"logprobs\":1", "logprobs", "invalid_type")]
    [InlineData("\"logprobs\":true,\"top_logprobs\":21", "top_logprobs", "integer_above_max_value")]
    [InlineData("\"top_logprobs\":2", "top_logprobs", "invalid_value")]
    [InlineData("\"stream\":\"yes\"", "stream", "invalid_type")]
    [InlineData("\"stream_options\":{\"include_usage\":true}", "stream_options", "invalid_value")]
    [InlineData("\"stream\":true,\"stream_options\":{\"include_usage\":1}", "stream_options.include_usage", "invalid_type")]
    [InlineData("\"stream\":true,\"stream_options\":[]", "stream_options", "invalid_type")]
    [InlineData("\"response_format\":\"json\"", "response_format", "invalid_type")]
    [InlineData("\"response_format\":{}", "response_format.type", "missing_required_parameter")]
    [InlineData("\"response_format\":{\"type\":\"xml\"}", "response_format.type", "invalid_value")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\"}", "response_format.json_schema", "missing_required_parameter")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{}}}", "response_format.json_schema.name", "missing_required_parameter")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a b\",\"schema\":{}}}", "response_format.json_schema.name", "invalid_value")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\"}}", "response_format.json_schema.schema", "missing_required_parameter")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":[]}}", "response_format.json_schema.schema", "invalid_type")]
    [InlineData("\"guided_choice\":[]", "guided_choice", "invalid_value")]
    [InlineData("\"guided_choice\":[1]", "guided_choice[0]", "invalid_type")]
    [InlineData("\"guided_regex\":5", "guided_regex", "invalid_type")]
    [InlineData("\"structured_outputs\":{\"regex\":5}", "structured_outputs.regex", "invalid_type")]
    [InlineData("\"guided_regex\":\"a\",\"structured_outputs\":{\"choice\":[\"b\"]}", "structured_outputs.choice", "invalid_parameter_combination")]
    [InlineData("\"tools\":{}", "tools", "invalid_type")]
    [InlineData("\"tools\":[{\"type\":\"function\"}]", "tools[0].function", "missing_required_parameter")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{}}]", "tools[0].function.name", "missing_required_parameter")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":[]}}]", "tools[0].function.parameters", "invalid_type")]
    [InlineData("\"parallel_tool_calls\":\"yes\"", "parallel_tool_calls", "invalid_type")]
    [InlineData("\"tool_choice\":\"maybe\"", "tool_choice", "invalid_value")]
    [InlineData("\"tool_choice\":{\"type\":\"function\"}", "tool_choice.function", "missing_required_parameter")]
    [InlineData("\"tool_choice\":{\"type\":\"custom\"}", "tool_choice.type", "unsupported_value")]
    [InlineData("\"tool_choice\":{\"type\":\"allowed_tools\"}", "tool_choice.allowed_tools", "missing_required_parameter")]
    [InlineData("\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"none\",\"tools\":[]}}", "tool_choice.allowed_tools.mode", "invalid_value")]
    [InlineData("\"logit_bias\":[]", "logit_bias", "invalid_type")]
    [InlineData("\"logit_bias\":{\"5\":\"much\"}", "logit_bias.5", "invalid_type")]
    [InlineData("\"logit_bias\":{\"5\":-100.5}", "logit_bias.5", "decimal_below_min_value")]
    [InlineData("\"logit_bias\":{\"-5\":1}", "logit_bias", "invalid_value")]
    [InlineData("\"repetition_penalty\":-1", "repetition_penalty", "decimal_below_min_value")]
    [InlineData("\"min_tokens\":1.5", "min_tokens", "invalid_type")]
    [InlineData("\"ignore_eos\":\"no\"", "ignore_eos", "invalid_type")]
    [InlineData("\"priority\":99999999999", "priority", "integer_above_max_value")]
    [InlineData("\"modalities\":[3]", "modalities[0]", "invalid_type")]
    public void TryParse_BadParameter_NamesTheField(string field, string param, string code) => AssertRefused($"{{{Hello},{field}}}", param, code);

    [Fact]
    public void TryParse_TooManyBiases_IsRefused()
        => AssertRefused($"{{{Hello},\"logit_bias\":{{{string.Join(',', Enumerable.Range(0, 301).Select(token => $"\"{token}\":1"))}}}}}", "logit_bias", "object_above_max_properties");

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData("{\"model\":", 1, 10)]
    [InlineData("{\n \"model\": oops\n}", 2, 11)]
    [InlineData("{\"a\":1,}", 1, 8)]
    public void TryParse_MalformedJson_TellsThePosition(string body, int line, int position)
    {
        RequestError error = AssertRefused(body, null, "invalid_json");
        Assert.Contains($"line {line}, byte {position}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    public void TryParse_NoObject_IsRefused(string body) => AssertRefused(body, null, "invalid_type");

    [Fact]
    public void TryParse_FieldGivenTwice_IsRefused() => AssertRefused($"{{{Hello},\"model\":\"other\"}}", null, "invalid_json");

    [Fact]
    public void TryParse_DeepNesting_IsRefused() => AssertRefused($"{{{Hello},\"x\":{new string('[', 5000)}", null, "invalid_json");

    [Fact]
    public void TryParse_BytesThatAreNoUtf8_AreRefused()
    {
        byte[] body = [.. "{\"model\":\""u8, 0xC3, 0x28, .. "\"}"u8];
        Assert.False(ChatCompletionRequest.TryParse(body, out _, out RequestError? error));
        Assert.Equal("invalid_json", error.Code);
    }

    [Fact]
    public void TryParse_EveryParameter_IsRead()
    {
        ChatCompletionRequest request = Parse("""
            {"model":"m","messages":[{"role":"developer","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"name":"n"}],
             "temperature":0,"top_p":1,"top_k":-1,"min_p":0.5,"presence_penalty":-2,"frequency_penalty":2,"seed":-9,"n":2,"stop":"x","logit_bias":{"5":1},
             "repetition_penalty":1.5,"min_tokens":2,"ignore_eos":true,"priority":-3,"max_tokens":3,"stream":true,"stream_options":{"include_usage":true},"logprobs":true,"response_format":{"type":"json_object"},
             "parallel_tool_calls":false,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}},{"type":"web"}],"tool_choice":{"type":"function","function":{"name":"f"}},"modalities":["text"],"unknown":{"a":[1]}}
            """);
        Assert.Equal("a\nb", request.Messages[0].Text);
        Assert.Equal(
            new SamplingParameters { Temperature = 0, TopP = 1, TopK = 0, MinP = 0.5, PresencePenalty = -2, FrequencyPenalty = 2, Seed = -9, Choices = 2, RepetitionPenalty = 1.5, MinTokens = 2, IgnoreEndOfSequence = true, Priority = -3, Format = new AnswerFormat(AnswerFormatKind.JsonObject, "response_format") },
            request.Sampling with { Stop = [], LogitBias = null, Format = request.Sampling.Format! with { Choices = new AnswerFormat(AnswerFormatKind.Regex, "").Choices } });
        Assert.Equal([new(5, 1f)], request.Sampling.LogitBias!);
        Assert.Equal(["x"], request.Sampling.Stop);
        Assert.Equal((3, "max_tokens", 0), (request.MaxTokens, request.MaxTokensParam, request.TopLogProbs));
        Assert.Equal(new ToolChoice(ToolChoiceKind.Function, "f"), request.ToolChoice);
        Assert.False(request.ParallelToolCalls);
        Assert.Equal(["""{"type":"object"}""", null], request.Tools.Select(tool => tool.Parameters));
        Assert.Equal(["f", null], request.Tools.Select(tool => tool.Name));
        Assert.True(request.Stream && request.IncludeUsage);
    }

    [Fact]
    public void TryParse_NullParameters_CountAsAbsent()
    {
        ChatCompletionRequest request = Parse($$"""{{{Hello}},"temperature":null,"stop":null,"stream":null,"stream_options":null,"tools":null,"response_format":null,"max_tokens":null}""");
        Assert.Equal(new SamplingParameters(), request.Sampling with { Stop = new SamplingParameters().Stop });
        Assert.Null(request.MaxTokens);
    }

    [Fact]
    public void TryParse_AssistantThatOnlyCallsTools_NeedsNoContent()
    {
        ChatCompletionRequest request = Parse("""
            {"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"1","content":"r"}]}
            """);
        ToolCall call = Assert.Single(request.Messages[1].ToolCalls);
        Assert.Equal(("1", "f", "{\"a\":1}"), (call.Id, call.Function!.Name, call.Function.Arguments));
        Assert.Equal("", request.Messages[1].Text);
        Assert.Equal("1", request.Messages[2].ToolCallId);
    }

    public static TheoryData<string, string, string> ClientRequests()
    {
        var data = new TheoryData<string, string, string>();
        using JsonDocument document = JsonDocument.Parse(Fixture.Bytes("client-requests.json"));
        foreach (JsonElement item in document.RootElement.EnumerateArray())
        {
            data.Add(item.GetProperty("name").GetString()!, item.GetProperty("path").GetString()!, item.GetProperty("body").GetString()!);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(ClientRequests))]
    public void TryParse_WhatRealClientsSend_IsUnderstood(string name, string path, string body)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        RequestError? error;
        bool understood = path switch
        {
            "/v1/chat/completions" => ChatCompletionRequest.TryParse(bytes, out _, out error),
            "/v1/completions" => CompletionRequest.TryParse(bytes, out _, out error),
            _ => EmbeddingRequest.TryParse(bytes, out _, out error),
        };
        Assert.True(understood, $"{name}: {error}");
    }

    private static ChatCompletionRequest Parse(string body)
    {
        bool understood = ChatCompletionRequest.TryParse(Encoding.UTF8.GetBytes(body), out ChatCompletionRequest? request, out RequestError? error);
        Assert.True(understood, error?.Message);
        return request!;
    }

    private static RequestError AssertRefused(string body, string? param, string code)
    {
        Assert.False(ChatCompletionRequest.TryParse(Encoding.UTF8.GetBytes(body), out ChatCompletionRequest? request, out RequestError? error));
        Assert.Null(request);
        Assert.Equal((param, code, 400), (error.Param, error.Code, error.Status));
        return error;
    }
}
