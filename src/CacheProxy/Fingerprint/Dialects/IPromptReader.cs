using System.Text.Json;
using CacheProxy.Fingerprint.Fields;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Fingerprint.Dialects;

/// <summary>What one dialect has of its own: its fields, and how it writes what the model is asked. Everything else is <see cref="RequestReader"/>'s.</summary>
internal interface IPromptReader
{
    FieldTable Fields { get; }

    /// <summary>The field without which nobody could answer.</summary>
    string PromptName { get; }

    /// <summary>Streams carry the usage whether it is asked for or not.</summary>
    bool AlwaysReportsUsage { get; }

    /// <summary>Writes the value of a field of <see cref="RequestField.Turns"/>, <see cref="RequestField.System"/>, <see cref="RequestField.Prompt"/> or <see cref="RequestField.Tools"/>.</summary>
    /// <param name="reader">Stands on the value, which is not null; afterwards on its end.</param>
    /// <returns>Null: it is written. Otherwise what nobody could answer.</returns>
    RequestError? Read(ref Utf8JsonReader reader, FieldRule rule, RequestDraft draft);
}
