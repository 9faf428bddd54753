using Microsoft.Extensions.Configuration;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Muc.Service;

/// <summary>Says who is who in rooms.</summary>
internal sealed class ChatRooms(RoomRegistry rooms, IConfiguration section, IServerInfo server) : IChatRooms
{
    /// <inheritdoc/>
    public string? DomainOf(string domain)
    {
        // A full name of the operator's choice can belong to one domain only.
        if (domain == server.Domains[0] && Jid.TryParse(section["Domain"], out var chosen)) return chosen.Domain;
        return server.Domains.Contains(domain) ? $"{MucPlugin.Name}.{domain}" : null;
    }

    /// <inheritdoc/>
    public ValueTask<ChatRoomStanding?> FindAsync(Jid room, Jid account, CancellationToken ct = default) => rooms.AskAsync(room.Bare, r => r.StandingOf(account), ct);
}
