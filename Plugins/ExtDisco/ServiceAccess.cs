using Parley.Plugin.Abstractions;

namespace Parley.Plugins.ExtDisco;

/// <summary>Who may be told of services: those who belong to this server. Components among them, since bridges relay media too.</summary>
public static class ServiceAccess
{
    /// <summary>Whether a sender may ask.</summary>
    public static bool IsGranted(SenderInfo sender) => sender.Kind is SenderKind.Account or SenderKind.Guest or SenderKind.Component;
}
