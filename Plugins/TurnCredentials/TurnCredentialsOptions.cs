namespace Parley.Plugins.TurnCredentials;

/// <summary>The section <c>Plugins:TurnCredentials</c>.</summary>
public sealed class TurnCredentialsOptions
{
    /// <summary>How long issued credentials can make new allocations.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Finds faults.</summary>
    public static IEnumerable<string> Validate(TurnCredentialsOptions options)
    {
        if (options.Lifetime < TimeSpan.FromSeconds(1) || options.Lifetime > TimeSpan.FromDays(30))
            yield return "Lifetime: must be between 00:00:01 and 30.00:00:00";
    }
}
