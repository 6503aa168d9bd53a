using System.Text.Json.Nodes;
using CacheProxy.Inference.Server.Tests.Support;
using CacheProxy.Inference.Tools;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

/// <summary>The same question in each dialect of a chat is the same prompt and gets the same answer.</summary>
public sealed class DialectTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task SameQuestion_InEachDialect_IsTheSamePromptAndText()
    {
        _server.Model.ToolFormat = ToolCallFormat.Hermes;
        (string chat, JsonNode chatAnswer) = await AskAsync("/v1/chat/completions", """
            {"model":"scripted","temperature":0,"max_tokens":50,"stop":["!"],
             "messages":[{"role":"system","content":"S"},{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}],
             "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}]}
            """);
        (string responses, JsonNode responseAnswer) = await AskAsync("/v1/responses", """
            {"model":"scripted","temperature":0,"max_output_tokens":50,"instructions":"S",
             "input":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":[{"type":"input_text","text":"c"}]}],
             "tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":false}]}
            """);
        (string messages, JsonNode messageAnswer) = await AskAsync("/v1/messages", """
            {"model":"scripted","temperature":0,"max_tokens":50,"stop_sequences":["!"],"system":"S",
             "messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":[{"type":"text","text":"c"}]}],
             "tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}]}
            """);

        Assert.Equal("f\u0001system:S\u0001user:a\u0001assistant:b\u0001user:c\u0001", chat);
        Assert.Equal((chat, chat), (responses, messages));
        string text = (string)chatAnswer["choices"]![0]!["message"]!["content"]!;
        Assert.Equal(text + "!", (string?)responseAnswer["output"]![0]!["content"]![0]!["text"]);
        Assert.Equal(text, (string?)messageAnswer["content"]![0]!["text"]);
    }

    private async Task<(string Prompt, JsonNode Answer)> AskAsync(string path, string body)
    {
        JsonNode answer = await _server.AskAsync(path, body);
        return (_server.Model.LastPrompt, answer);
    }
}
