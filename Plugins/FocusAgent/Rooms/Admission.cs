using Parley.Plugin.Abstractions;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>Who may enter a room (design section 6).</summary>
public static class Admission
{
    /// <summary>Whether somebody may enter.</summary>
    /// <param name="openTo">The setting.</param>
    /// <param name="isLoopbackOnly">Nobody but this machine's users can reach the server: every room is open.</param>
    /// <param name="kind">Who it is.</param>
    /// <param name="isHosted">An account of this server is in the room, or has reserved it.</param>
    public static bool Admits(OpenTo openTo, bool isLoopbackOnly, SenderKind kind, bool isHosted) => isLoopbackOnly || kind switch
    {
        SenderKind.Account or SenderKind.Component => true,
        SenderKind.Guest => isHosted || openTo is OpenTo.Guests or OpenTo.Anyone,
        _ => openTo == OpenTo.Anyone,
    };
}
