using CacheProxy.Inference.Tools;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Models;

/// <summary>Turns messages and text into the tokens of one model. Thread-safe.</summary>
public interface IPromptEncoder
{
    /// <summary>How the model calls tools; null: its chat template has no place for them.</summary>
    ToolCallFormat? ToolFormat { get; }

    /// <summary>The prompt of a chat, up to where the assistant's answer begins. Message text never becomes a control token.</summary>
    /// <param name="tools">Only where <see cref="ToolFormat"/> is known; may be empty.</param>
    /// <param name="answerStart">With which the answer has begun already; null: nothing.</param>
    /// <exception cref="PromptException">The template refuses these messages; the message can be shown to the client.</exception>
    int[] EncodeChat(IReadOnlyList<ChatMessage> messages, IReadOnlyList<ToolDefinition> tools, string? answerStart = null);

    /// <summary>A raw prompt, which its sender has written for the model: control tokens spelled out in it count as such.</summary>
    /// <returns>Empty when nothing stands for an empty text.</returns>
    int[] EncodeText(string text);
}
