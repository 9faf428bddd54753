using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.VCard;

/// <summary>The avatars at accounts' nodes, where there are any nodes.</summary>
internal sealed class Avatars(IContributions<IPersonalEvents> contributed)
{
    /// <summary>Whether accounts have nodes.</summary>
    public bool AreThere => contributed.Items.Count > 0;

    /// <summary>Whether an account has said at its nodes what its avatar is, be it none.</summary>
    public async ValueTask<bool> IsSaidAsync(Jid account, CancellationToken ct) =>
        contributed.Items is [var events, ..] && await events.ReadAsync(account, Avatar.MetadataNode, account, ct) is { Count: > 0 };

    /// <summary>The id of an account's avatar; null if it has none there.</summary>
    public async ValueTask<string?> IdAsync(Jid account, CancellationToken ct) => (await MetadataAsync(account, account, ct)).Id;

    /// <summary>An account's avatar as far as somebody may see it; null if there is none for them.</summary>
    public async ValueTask<Avatar?> ReadAsync(Jid account, Jid asker, CancellationToken ct)
    {
        if (await MetadataAsync(account, asker, ct) is not ({ } id, var type) || contributed.Items is not [var events, ..]) return null;
        var data = await events.ReadAsync(account, Avatar.DataNode, asker, ct);
        return Avatar.ReadData(data?.LastOrDefault(d => d.Id == id)?.Payload, id, type);
    }

    /// <summary>Publishes what a vCard says the avatar is (XEP-0398 section 4.2), if that is something new.</summary>
    public async ValueTask PublishAsync(Jid account, Avatar? avatar, CancellationToken ct)
    {
        if (contributed.Items is not [var events, ..] || await IdAsync(account, ct) == avatar?.Id) return;
        // A vCard is everybody's to see, and so is what was in it; a node that is there is as its owner made it.
        if (avatar is not null && !await PublishAsync(events, account, Avatar.DataNode, new PersonalItem(avatar.Id, avatar.ToData()), ct)) return;
        await PublishAsync(events, account, Avatar.MetadataNode, new PersonalItem(avatar?.Id ?? "current", Avatar.ToMetadata(avatar)), ct);
    }

    private static async ValueTask<bool> PublishAsync(IPersonalEvents events, Jid account, string node, PersonalItem item, CancellationToken ct) =>
        await events.PublishAsync(account, node, item, await events.ReadAsync(account, node, account, ct) is null ? PersonalAccess.Open : null, ct);

    private async ValueTask<(string? Id, string? Type)> MetadataAsync(Jid account, Jid asker, CancellationToken ct)
    {
        if (contributed.Items is not [var events, ..]) return default;
        return await events.ReadAsync(account, Avatar.MetadataNode, asker, ct) is [.., var last] ? Avatar.ReadMetadata(last.Payload) : default;
    }
}
