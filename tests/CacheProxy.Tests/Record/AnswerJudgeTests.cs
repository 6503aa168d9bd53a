using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;
using CacheProxy.Record;

namespace CacheProxy.Tests.Record;

/// <summary>What never becomes an entry, in every dialect.</summary>
public class AnswerJudgeTests
{
    [Theory]
    [InlineData("stop", RecordResult.Recorded)]
    [InlineData("tool_calls", RecordResult.Recorded)]
    [InlineData("content_filter", RecordResult.Filtered)]
    [InlineData("abort", RecordResult.Incomplete)]
    [InlineData("insufficient_system_resource", RecordResult.Incomplete)]
    [InlineData("length", RecordResult.Truncated)]
    public void Chat_ByItsEnd(string reason, RecordResult expected) => Assert.Equal(expected, Judge(Dialect.OpenAIChat, $$"""
        {"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"{{reason}}"}]}
        """));

    [Theory]
    [InlineData("end_turn", RecordResult.Recorded)]
    [InlineData("stop_sequence", RecordResult.Recorded)]
    [InlineData("refusal", RecordResult.Filtered)]
    [InlineData("pause_turn", RecordResult.Incomplete)]
    [InlineData("max_tokens", RecordResult.Truncated)]
    [InlineData("model_context_window_exceeded", RecordResult.Truncated)]
    public void Messages_ByTheirEnd(string reason, RecordResult expected) => Assert.Equal(expected, Judge(Dialect.AnthropicMessages, $$"""
        {"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"x"}],"stop_reason":"{{reason}}","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1} }
        """));

    [Theory]
    [InlineData("completed", "null", RecordResult.Recorded)]
    [InlineData("incomplete", """{"reason":"max_output_tokens"}""", RecordResult.Truncated)]
    [InlineData("incomplete", """{"reason":"content_filter"}""", RecordResult.Filtered)]
    [InlineData("in_progress", "null", RecordResult.Incomplete)]
    [InlineData("cancelled", "null", RecordResult.Incomplete)]
    public void Responses_ByTheirEnd(string status, string details, RecordResult expected) => Assert.Equal(expected, Judge(Dialect.OpenAIResponses, $$"""
        {"id":"resp_1","object":"response","created_at":1,"status":"{{status}}","incomplete_details":{{details}},"error":null,"model":"m","output":[{"id":"m1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"x","annotations":[]}]}]}
        """));

    [Theory]
    [InlineData("""{"a":1}""", RecordResult.Recorded)]
    [InlineData("", RecordResult.Recorded)]
    [InlineData("""{"a":""", RecordResult.InvalidToolCall)]
    [InlineData("[1]", RecordResult.InvalidToolCall)]
    public void Responses_ByTheirCalls(string arguments, RecordResult expected) => Assert.Equal(expected, Judge(Dialect.OpenAIResponses, $$"""
        {"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"m","output":[{"id":"f","type":"function_call","status":"completed","call_id":"c","name":"f","arguments":{{System.Text.Json.JsonSerializer.Serialize(arguments)}}}]}
        """));

    [Theory]
    [InlineData("{}", RecordResult.Recorded)]
    [InlineData("\"x\"", RecordResult.InvalidToolCall)]
    [InlineData("null", RecordResult.InvalidToolCall)]
    public void Messages_ByTheirCalls(string input, RecordResult expected) => Assert.Equal(expected, Judge(Dialect.AnthropicMessages, $$"""
        {"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"tool_use","id":"t","name":"f","input":{{input}}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1} }
        """));

    [Theory]
    [InlineData(Dialect.OpenAIChat, """{"error":{"message":"x"},"id":"c","model":"m","choices":[]}""")]
    [InlineData(Dialect.OpenAIResponses, """{"id":"resp_1","status":"failed","error":{"code":"server_error","message":"x"},"model":"m","output":[]}""")]
    [InlineData(Dialect.AnthropicMessages, """{"type":"error","error":{"type":"overloaded_error","message":"x"}}""")]
    [InlineData(Dialect.AnthropicMessages, """{"id":"msg_1","type":"message","model":"m","model":"n","content":[]}""")]
    [InlineData(Dialect.OpenAICompletions, """{"id":"c","model":"m","choices":[{"index":0}]}""")]
    [InlineData(Dialect.OpenAIChat, """{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{"}},"finish_reason":"function_call"}]}""")]
    [InlineData(Dialect.OpenAIEmbeddings, """{"object":"list","data":[],"model":"m"}""")]
    public void Body_ThatIsNoAnswer_IsMalformed(Dialect dialect, string json) => Assert.Equal(RecordResult.Malformed, Judge(dialect, json));

    [Fact]
    public void Choices_NotAllThere_AreIncomplete()
    {
        CanonicalAnswer answer = AnswerReaders.TryRead(Body(
            Dialect.OpenAICompletions, """{"id":"c","model":"m","choices":[{"index":0,"text":"a","finish_reason":"stop"},{"index":1,"text":"b","finish_reason":null}]}"""))!;

        Assert.Equal(RecordResult.Incomplete, AnswerJudge.Judge(answer, new RequestFacts { Model = "m" }));
        Assert.Equal(RecordResult.Incomplete, AnswerJudge.Judge(answer, new RequestFacts { Model = "m", Choices = 2 }));
    }

    private static RecordResult Judge(Dialect dialect, string json)
        => AnswerReaders.TryRead(Body(dialect, json)) is { } answer ? AnswerJudge.Judge(answer, new RequestFacts { Model = "m" }, storeTruncated: false) : RecordResult.Malformed;

    private static RecordedBody Body(Dialect dialect, string json) => new(dialect, false, false, "application/json", Encoding.UTF8.GetBytes(json));
}
