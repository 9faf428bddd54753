namespace Parley.Plugins.FocusAgent.Rooms.Ringing;

/// <summary>How far the room has come with calling somebody.</summary>
public enum RingState
{
    /// <summary>The call is on its way.</summary>
    Calling,
    /// <summary>A client of theirs rings.</summary>
    Ringing,
    /// <summary>They took it, and their media comes up.</summary>
    Answered,
    /// <summary>They declined.</summary>
    Declined,
    /// <summary>Nobody answered in time.</summary>
    Unanswered,
    /// <summary>They called the room themselves meanwhile.</summary>
    Came,
    /// <summary>Taken back, as the room ends.</summary>
    Cancelled,
    /// <summary>They may not enter the room, and whoever asks may not let them in.</summary>
    Barred,
    /// <summary>They cannot be reached, or their client cannot talk to us.</summary>
    Failed,
}

/// <summary>The states in words.</summary>
public static class RingStates
{
    /// <summary>The wire's word (docs/legs/mixed.md).</summary>
    public static string Word(this RingState state) => state switch
    {
        RingState.Calling => "calling",
        RingState.Ringing => "ringing",
        RingState.Answered => "answered",
        RingState.Declined => "declined",
        RingState.Unanswered => "unanswered",
        RingState.Came => "came",
        RingState.Cancelled => "cancelled",
        RingState.Barred => "barred",
        _ => "failed",
    };

    /// <summary>What people read of somebody.</summary>
    public static string Sentence(this RingState state, string who) => state switch
    {
        RingState.Calling => $"{who} is being called.",
        RingState.Ringing => $"It rings at {who}.",
        RingState.Answered => $"{who} has answered.",
        RingState.Declined => $"{who} has declined.",
        RingState.Unanswered => $"{who} does not answer.",
        RingState.Came => $"{who} is coming.",
        RingState.Cancelled => $"{who} is no longer being called.",
        RingState.Barred => $"{who} may not enter this room: ask a moderator.",
        _ => $"{who} cannot be reached.",
    };

    /// <summary>Whether nothing more comes of it, but the end of the call.</summary>
    public static bool IsOver(this RingState state) => state is not (RingState.Calling or RingState.Ringing);
}
