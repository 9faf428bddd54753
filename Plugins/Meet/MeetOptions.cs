namespace Parley.Plugins.Meet;

/// <summary>The section <c>Meet</c>.</summary>
public sealed class MeetOptions
{
    /// <summary>Whether a link with <c>join=now</c> joins without a click; null: only while the server is bound to loopback.</summary>
    public bool? AllowAutoJoin { get; set; }
}
