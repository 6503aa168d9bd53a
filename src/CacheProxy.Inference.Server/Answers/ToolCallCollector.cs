using System.Text;
using CacheProxy.Inference.Tools;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>The text and the calls of a whole answer.</summary>
internal static class ToolCallCollector
{
    public static (string Content, IReadOnlyList<ToolCall> Calls) Read(ToolUse tools, string text)
    {
        ToolCallReader reader = tools.CreateReader();
        var content = new StringBuilder();
        var calls = new List<(string Name, StringBuilder Arguments)>();
        IEnumerable<ToolCallEvent> events = [.. reader.Append(text), .. reader.Complete()];
        foreach (ToolCallEvent item in events)
        {
            switch (item.Kind)
            {
                case ToolCallEventKind.Call:
                    calls.Add((item.Text, new StringBuilder()));
                    break;
                case ToolCallEventKind.Arguments:
                    calls[^1].Arguments.Append(item.Text);
                    break;
                default:
                    content.Append(item.Text);
                    break;
            }
        }

        return (content.ToString(), [.. calls.Select(call => new ToolCall
        {
            Id = tools.CreateId(),
            Type = "function",
            Function = new ToolCallFunction(call.Name, call.Arguments.ToString()),
        })]);
    }
}
