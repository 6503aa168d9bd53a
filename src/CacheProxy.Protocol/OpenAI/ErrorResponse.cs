namespace CacheProxy.Protocol.OpenAI;

/// <summary>Body of every answer with a 4xx or 5xx status; also an event of a stream that fails midway.</summary>
public sealed record ErrorResponse(ErrorDetail Error);

/// <param name="Param">Null is written: clients expect the four fields.</param>
public sealed record ErrorDetail(string Message, string Type, string? Param, string? Code);
