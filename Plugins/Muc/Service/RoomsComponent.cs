using Parley.Plugin.Abstractions;
using Parley.Plugins.Muc.Rooms;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Muc.Service;

/// <summary>The subdomain of chat rooms: takes each stanza to its room, and makes rooms for those who may make some.</summary>
internal sealed class RoomsComponent(RoomRegistry rooms, MucServices services) : IComponent
{
    private static readonly DiscoInfo Service = new([new DiscoIdentity("conference", "text", "Chat rooms")], [MucNames.Muc, MucNames.OccupantId, Ns.VCard, Ns.Ping]);

    /// <inheritdoc/>
    public DiscoInfo? Describe(Jid address, string? node) => address.Local is null && node is null ? Service : null;

    /// <inheritdoc/>
    public async ValueTask OnStanzaAsync(Stanza stanza, StanzaContext context, CancellationToken ct)
    {
        if (stanza.To!.Local is null)
        {
            await ToServiceAsync(stanza, ct);
            return;
        }

        var room = stanza.To.Bare;
        var isJoin = stanza is Presence { IsAvailable: true } && stanza.Element.Child("x", MucNames.Muc) is not null;
        var isBehindTheDoor = isJoin || stanza is Iq { IsRequest: true, Payload.Namespace: Ns.Archive or MucNames.Register };
        if (isBehindTheDoor && context.Sender.Kind == SenderKind.Guest && !services.Options.Guests)
        {
            await RefuseAsync(stanza, new StanzaError(StanzaCondition.Forbidden, "Guests may not enter rooms."), ct);
            return;
        }

        if (await rooms.PostAsync(room, stanza, ct)) return;
        if (isJoin && stanza.To.Resource is not null && MayCreate(context.Sender.Kind, stanza.From!.Bare))
        {
            var created = await rooms.CreateAsync(room, stanza.From.Bare, ct);
            if (created == Creation.TooManyOfAccount) services.Floods.Tell(stanza.From.Bare, room, "has made as many rooms as it may (Plugins:Muc:RoomsPerAccount)");
            if (created == Creation.TooMany) services.Floods.Tell(stanza.From.Bare, room, "there are as many rooms as there may be (Plugins:Muc:MaxRooms)");
            if (created != Creation.Done) await RefuseAsync(stanza, new StanzaError(StanzaCondition.ResourceConstraint, created == Creation.TooManyOfAccount ? "You have made as many rooms as you may." : "There are as many rooms as there may be."), ct);
            else if (!await rooms.PostAsync(room, stanza, ct)) await RefuseAsync(stanza, new StanzaError(StanzaCondition.ServiceUnavailable, StanzaErrorType.Wait), ct);
            return;
        }

        foreach (var reply in AbsentRoom.Answer(stanza)) await services.Router.RouteAsync(reply, ct);
    }

    private async ValueTask ToServiceAsync(Stanza stanza, CancellationToken ct)
    {
        if (stanza is Iq { Type: "get" } iq && iq.To!.Resource is null && iq.Payload!.Is("ping", Ns.Ping)) await services.Router.RouteAsync(iq.Result(), ct);
        else if (stanza is Iq { IsRequest: true } or Message { IsError: false }) await RefuseAsync(stanza, new StanzaError(StanzaCondition.ServiceUnavailable), ct);
    }

    private bool MayCreate(SenderKind sender, Jid account)
    {
        var rules = services.Rules;
        return rules.ServiceAdmins.Contains(account) || services.Options.CreateBy switch
        {
            CreateBy.Accounts => sender == SenderKind.Account,
            CreateBy.Anyone => true,
            _ => false,
        };
    }

    private ValueTask RefuseAsync(Stanza stanza, StanzaError error, CancellationToken ct) => services.Router.RouteAsync(stanza.ErrorReply(error), ct);
}
