using System.Text.Json;
using CacheProxy.Inference.Templates.Jinja;
using CacheProxy.Inference.Tools;

namespace CacheProxy.Inference.Templates;

/// <summary>
/// A model's own chat template (Jinja, as transformers runs it), parsed once and rendered for each conversation. Immutable,
/// any thread. Rendering is bounded in steps, output and nesting.
/// </summary>
public sealed class ChatTemplate
{
    private readonly IReadOnlyList<JinjaStatement> _body;
    private readonly string _beginToken;
    private readonly string _endToken;
    private readonly TimeProvider _time;

    private ChatTemplate(IReadOnlyList<JinjaStatement> body, IReadOnlySet<string> names, string beginToken, string endToken, TimeProvider time, ToolCallFormat? toolFormat)
    {
        (_body, _beginToken, _endToken, _time) = (body, beginToken, endToken, time);
        SupportsTools = names.Contains("tools");
        ToolFormat = SupportsTools ? toolFormat : null;
    }

    /// <summary>Whether the template looks at the tools it is given; without, they would silently be ignored.</summary>
    public bool SupportsTools { get; }

    /// <summary>How the model writes its calls; null: it knows none, or in a way that is not read here.</summary>
    public ToolCallFormat? ToolFormat { get; }

    /// <param name="source">The template's text.</param>
    /// <param name="beginToken">Value of <c>bos_token</c>.</param>
    /// <param name="endToken">Value of <c>eos_token</c>.</param>
    /// <param name="time">For <c>strftime_now</c>.</param>
    /// <exception cref="JinjaException">The template is malformed; the message names its line.</exception>
    public static ChatTemplate Parse(string source, string beginToken = "", string endToken = "", TimeProvider? time = null)
    {
        IReadOnlyList<JinjaStatement> body = JinjaParser.Parse(source, out IReadOnlySet<string> names);
        return new ChatTemplate(body, names, beginToken, endToken, time ?? TimeProvider.System, ToolCallFormat.Find(source));
    }

    /// <exception cref="JinjaException">The template refuses the messages (<see cref="JinjaException.RaisedByTemplate"/>) or fails on them.</exception>
    /// <exception cref="ArgumentException">No messages, or tools for a template without them.</exception>
    public ChatPrompt Render(ChatTemplateInput input)
    {
        if (input.Messages.Count == 0)
        {
            throw new ArgumentException("A conversation needs at least one message.", nameof(input));
        }

        if (input.Tools is { ValueKind: JsonValueKind.Array } tools && tools.GetArrayLength() > 0 && !SupportsTools)
        {
            throw new ArgumentException("The model's chat template has no place for tools.", nameof(input));
        }

        JinjaText text = JinjaRenderer.Render(_body, Globals(input));
        List<PromptSegment> segments = [.. text.Runs().Select(run => new PromptSegment(text.Value.Substring(run.Start, run.Length), run.FromTemplate))];
        if (input.AnswerStart is { Length: > 0 } start)
        {
            if (segments is [.., { IsTemplate: false } last])
            {
                segments[^1] = last with { Text = last.Text + start };
            }
            else
            {
                segments.Add(new PromptSegment(start, IsTemplate: false));
            }
        }

        return new ChatPrompt(segments);
    }

    private JinjaScope Globals(ChatTemplateInput input)
    {
        var globals = new JinjaScope(null);
        JinjaGlobals.AddTo(globals, _time);
        globals.Set("bos_token", JinjaText.FromTemplate(_beginToken));
        globals.Set("eos_token", JinjaText.FromTemplate(_endToken));
        if (input.Variables is { ValueKind: JsonValueKind.Object } variables)
        {
            foreach (JsonProperty variable in variables.EnumerateObject())
            {
                globals.Set(variable.Name, JinjaJson.FromJson(variable.Value));
            }
        }

        globals.Set("messages", input.Messages.Select(ToMap).ToList<object?>());
        globals.Set("tools", input.Tools is { } tools ? JinjaJson.FromJson(tools) : null);
        globals.Set("documents", null);
        globals.Set("add_generation_prompt", input.AddGenerationPrompt);
        return globals;
    }

    private static JinjaMap ToMap(ChatMessage message)
    {
        var map = new JinjaMap();
        map.Set("role", JinjaText.FromInput(message.Role));
        map.Set("content", message.Content is null ? null : JinjaText.FromInput(message.Content));
        SetText(map, "name", message.Name);
        SetText(map, "tool_call_id", message.ToolCallId);
        SetText(map, "reasoning_content", message.ReasoningContent);
        if (message.ToolCalls is { } calls)
        {
            map.Set("tool_calls", JinjaJson.FromJson(calls));
        }

        return map;
    }

    private static void SetText(JinjaMap map, string key, string? value)
    {
        if (value is not null)
        {
            map.Set(key, JinjaText.FromInput(value));
        }
    }
}
