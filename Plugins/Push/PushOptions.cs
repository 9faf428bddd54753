namespace Parley.Plugins.Push;

/// <summary>The section <c>Plugins:Push</c>.</summary>
public sealed class PushOptions
{
    /// <summary>Registrations of one account; a new one beyond that takes the place of the oldest.</summary>
    public int MaxRegistrations { get; set; } = 20;

    /// <summary>Whether an app server is told who wrote last. It never learns what.</summary>
    public bool ShowSender { get; set; }

    /// <summary>The least time between two notifications to one app server for one client; calls do not wait.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Finds faults.</summary>
    public static IEnumerable<string> Validate(PushOptions options)
    {
        if (options.MaxRegistrations is < 1 or > 1000) yield return "MaxRegistrations: must be between 1 and 1000.";
        if (options.Interval < TimeSpan.Zero || options.Interval > TimeSpan.FromHours(1)) yield return "Interval: must be between 00:00:00 and 01:00:00.";
    }
}
