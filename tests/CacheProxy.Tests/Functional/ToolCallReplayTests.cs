using System.Text;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Functional;

/// <summary>Whatever the dialect calls them: answers that have the client call something are only given again where the config says so.</summary>
public class ToolCallReplayTests
{
    public static TheoryData<string, string> Calls
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string message in new[]
            {
                """{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}}""",
                """{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"custom","custom":{"name":"f","input":"x"}}]}""",
                """{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}""",
            })
            {
                // A call that the request demanded ends with "stop".
                data.Add("/v1/chat/completions", Chat(message, "stop"));
                data.Add("/v1/chat/completions", Chat(message, message.Contains("function_call", StringComparison.Ordinal) ? "function_call" : "tool_calls"));
            }

            foreach (string item in new[]
            {
                """{"type":"function_call","id":"fc","call_id":"c","name":"f","arguments":"{}","status":"completed","caller":{"type":"program","id":"p"}}""",
                """{"type":"function_call","id":"fc","call_id":"c","name":"f","arguments":"{}","status":"completed","namespace":"n"}""",
                """{"type":"custom_tool_call","id":"ct","call_id":"c","name":"f","input":"x","status":"completed"}""",
                """{"type":"local_shell_call","id":"ls","call_id":"c","action":{"type":"exec","command":["ls"]},"status":"completed"}""",
                """{"type":"a_call_of_tomorrow_call","id":"x"}""",
                """{"type":"mcp_approval_request","id":"x","name":"f","arguments":"{}","server_label":"s"}""",
            })
            {
                data.Add("/v1/responses", $$"""{"id":"resp_1","object":"response","created_at":1,"status":"completed","error":null,"model":"m","output":[{{item}}],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2} }""");
            }

            data.Add("/v1/messages", """{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"tool_use","id":"t","name":"f","input":{},"caller":{"type":"code_execution_20250825","tool_id":"x"}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}""");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Call_OfAnyKind_IsGivenAgainOnlyWhereAllowed(string path, string answer)
    {
        Assert.Equal(2, await CallsForTwoAsync(path, answer, allow: false));
        Assert.Equal(1, await CallsForTwoAsync(path, answer, allow: true));
    }

    [Fact]
    public async Task Call_ThatRanAtTheProvider_IsNone()
        => Assert.Equal(1, await CallsForTwoAsync("/v1/responses", """
            {"id":"resp_1","object":"response","created_at":1,"status":"completed","error":null,"model":"m","output":[
             {"type":"web_search_call","id":"ws","status":"completed","action":{"type":"search","query":"q"}},
             {"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hello","annotations":[]}]}],
             "usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}
            """, allow: false));

    private static async Task<int> CallsForTwoAsync(string path, string answer, bool allow)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:AllowToolCalls"] = allow ? "true" : "false" });
        proxy.Upstream.Script = async (context, _) =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(answer), context.RequestAborted);
        };
        string body = path == "/v1/responses" ? """{"model":"m","input":"hi"}""" : """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}""";

        Assert.Equal(answer, (await proxy.PostAsync(path, body)).Text);
        await Wait.UntilAsync(() => proxy.Flights == 0, "the end of the first");
        Assert.Equal(answer, (await proxy.PostAsync(path, body)).Text);
        return proxy.Upstream.Calls;
    }

    private static string Chat(string message, string finish)
        => $$"""{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{{message}},"logprobs":null,"finish_reason":"{{finish}}"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2} }""";
}
