using System.Text;
using CacheProxy.Protocol.Anthropic;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Protocol.Tests.Anthropic;

public sealed class MessageRequestTests
{
    private const string Hi = "\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    [Theory]
    [InlineData("\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]", "model")]
    [InlineData("\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]", "max_tokens")]
    [InlineData("\"model\":\"m\",\"max_tokens\":5", "messages")]
    [InlineData("\"model\":\"m\",\"max_tokens\":5,\"messages\":[]", "messages")]
    [InlineData("\"model\":\"m\",\"max_tokens\":5,\"system\":\"s\",\"messages\":[]", "messages")]
    [InlineData("\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":[]}]", "messages")]
    [InlineData("\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":\"tool\",\"content\":\"hi\"}]", "messages[0].role")]
    [InlineData("\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\"}]", "messages[0].content")]
    [InlineData("\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"a\"}]}]", "messages[0].content[0].type")]
    [InlineData("\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":\"assistant\",\"content\":\"b\"}]", "messages")]
    [InlineData("\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"1\",\"name\":\"f\",\"input\":{}}]}]", "messages")]
    [InlineData("\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"content\":\"a\"}]}]", "messages[0].content[0].tool_use_id")]
    [InlineData("\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"1\",\"name\":\"f\",\"input\":\"x\"}]}]", "messages[0].content[0].input")]
    [InlineData(Hi + ",\"system\":5", "system")]
    [InlineData(Hi + ",\"temperature\":1.5", "temperature")]
    [InlineData(Hi + ",\"top_k\":\"x\"", "top_k")]
    [InlineData(Hi + ",\"stop_sequences\":[\"a\",\"\"]", "stop_sequences[1]")]
    [InlineData(Hi + ",\"stop_sequences\":\"a\"", "stop_sequences")]
    [InlineData(Hi + ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}", "thinking.type")]
    [InlineData(Hi + ",\"thinking\":{\"type\":\"adaptive\"}", "thinking.type")]
    [InlineData(Hi + ",\"mcp_servers\":[{\"type\":\"url\"}]", "mcp_servers")]
    [InlineData(Hi + ",\"container\":\"c\"", "container")]
    [InlineData(Hi + ",\"tools\":[{\"name\":\"f\"}]", "tools[0].input_schema")]
    [InlineData(Hi + ",\"tools\":[{\"input_schema\":{}}]", "tools[0].name")]
    [InlineData(Hi + ",\"tool_choice\":{\"type\":\"some\"}", "tool_choice.type")]
    [InlineData(Hi + ",\"tool_choice\":{\"type\":\"tool\"}", "tool_choice.name")]
    [InlineData(Hi + ",\"output_config\":{\"format\":{\"type\":\"xml\"}}", "output_config.format.type")]
    [InlineData(Hi + ",\"output_config\":{\"format\":{\"type\":\"json_schema\"}}", "output_config.format.schema")]
    public void TryParse_WhatIsWrong_NamesTheField(string fields, string param)
    {
        Assert.False(MessageRequest.TryParse(Bytes($"{{{fields}}}"), out _, out RequestError? error));
        Assert.Equal((param, 400), (error.Param, error.Status));
    }

    [Fact]
    public void TryParse_CacheControl_MakesNoDifference()
    {
        ChatCompletionRequest plain = Parse("{" + Hi + ",\"system\":\"s\",\"tools\":[{\"name\":\"f\",\"input_schema\":{}}]}").Chat;
        ChatCompletionRequest marked = Parse("""
            {"model":"m","max_tokens":5,"cache_control":{"type":"ephemeral"},"mcp_servers":[],
             "system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],
             "messages":[{"role":"user","content":[{"type":"text","text":"hi","cache_control":{"type":"ephemeral","ttl":"1h"}}]}],
             "tools":[{"name":"f","input_schema":{},"cache_control":{"type":"ephemeral"}}]}
            """).Chat;
        Assert.Equal(plain.Messages.Select(message => (message.Role, message.Text)), marked.Messages.Select(message => (message.Role, message.Text)));
        Assert.Equal(plain.Tools, marked.Tools);
    }

    [Fact]
    public void TryParse_EmptySystem_IsNone() => Assert.Equal("user", Assert.Single(Parse("{" + Hi + ",\"system\":\"\"}").Chat.Messages).Role);

    [Fact]
    public void TryParse_WhatIsNoText_KeepsItsPlace()
    {
        ChatMessage message = Parse("""
            {"model":"m","max_tokens":5,"system":"s","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image","source":{}}]}]}
            """).Chat.Messages[1];
        Assert.Equal(new ContentPart("image", null) { Path = "messages[0].content[1]" }, message.Content[1]);
    }

    private static MessageRequest Parse(string body)
    {
        Assert.True(MessageRequest.TryParse(Bytes(body), out MessageRequest? request, out RequestError? error), error?.Message);
        return request;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
