using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Models;

/// <summary>Turns messages and text into the tokens of one model. Thread-safe.</summary>
public interface IPromptEncoder
{
    /// <summary>The model's chat template knows tools.</summary>
    bool SupportsTools { get; }

    /// <summary>The prompt of a chat, up to where the assistant's answer begins. Message text never becomes a control token.</summary>
    /// <exception cref="PromptException">The template refuses these messages; the message can be shown to the client.</exception>
    int[] EncodeChat(IReadOnlyList<ChatMessage> messages);

    /// <summary>A raw prompt, which its sender has written for the model: control tokens spelled out in it count as such.</summary>
    /// <returns>Empty when nothing stands for an empty text.</returns>
    int[] EncodeText(string text);
}
