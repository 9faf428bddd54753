namespace Parley.Plugins.TurnCredentials;

/// <summary>The section <c>Plugins:TurnCredentials</c>.</summary>
public sealed class TurnCredentialsOptions
{
    /// <summary>How long issued credentials can make new allocations.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>A secret to share with another server or service, such as coturn's <c>static-auth-secret</c>; null: one is made and kept in the data directory.</summary>
    public string? Secret { get; set; }

    /// <summary>Finds faults.</summary>
    public static IEnumerable<string> Validate(TurnCredentialsOptions options)
    {
        if (options.Lifetime < TimeSpan.FromSeconds(1) || options.Lifetime > TimeSpan.FromDays(30))
            yield return "Lifetime: must be between 00:00:01 and 30.00:00:00";
        if (options.Secret is { } secret && TurnSecret.FaultOf(secret) is { } fault) yield return $"Secret: {fault}";
    }
}
