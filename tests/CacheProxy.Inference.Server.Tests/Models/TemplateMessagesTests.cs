using CacheProxy.Inference.Server.Models;
using CacheProxy.Inference.Templates;
using CacheProxy.Inference.Tools;
using CacheProxy.Protocol.OpenAI;
using ChatMessage = CacheProxy.Protocol.OpenAI.ChatMessage;

namespace CacheProxy.Inference.Server.Tests.Models;

/// <summary>Requests' tools, calls and results reach a template in the shape that templates are written for.</summary>
public sealed class TemplateMessagesTests
{
    private const string Template = """
        {%- if tools %}{% for tool in tools %}[{{ tool.function.name }} {{ tool.function.parameters | tojson }}]{% endfor %}{% endif %}
        {%- for message in messages %}
        {{- message.role }}:
        {%- if message.content %} {{ message.content }}{% endif %}
        {%- for call in message.tool_calls or [] %}<tool_call>{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}</tool_call>{% endfor %}
        {%- if message.role == 'tool' %} for {{ message.tool_call_id }}{% endif %};
        {%- endfor %}
        """;

    [Fact]
    public void ToInput_CallsAndResults_AreRendered()
    {
        Assert.True(ChatCompletionRequest.TryParse(
            """
            {"model":"m","messages":[{"role":"developer","content":"be brief"},{"role":"user","content":"q"},
              {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"city\": \"Köln\"}"}}]},
              {"role":"tool","tool_call_id":"c1","content":"rain"}],
             "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]}
            """u8.ToArray(), out ChatCompletionRequest? request, out _));
        ChatTemplate template = ChatTemplate.Parse(Template);

        string text = template.Render(TemplateMessages.ToInput(request.Messages, request.Tools)).Text;

        Assert.Equal(ToolCallFormat.Hermes, template.ToolFormat);
        Assert.Equal(
            "[f {\"type\": \"object\"}]system: be brief;user: q;assistant:<tool_call>{\"name\": \"f\", \"arguments\": {\"city\": \"Köln\"}}</tool_call>;tool: rain for c1;", text);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[1]")]
    public void ToInput_ArgumentsThatAreNoObject_AreRefusedByName(string arguments)
    {
        var message = new ChatMessage { Role = "assistant", Content = [], ToolCalls = [new ToolCall { Function = new ToolCallFunction("f", arguments) }] };

        var refusal = Assert.Throws<PromptException>(() => TemplateMessages.ToInput([message], []));

        Assert.Contains("'f'", refusal.Message, StringComparison.Ordinal);
    }
}
