using Parley.Xmpp.Core.Addressing;

namespace Parley.Xmpp.Server.Storage;

/// <summary>What the operator does with accounts. Works on a running or a stopped server: both share the database file.</summary>
public interface IAccountAdministration
{
    /// <summary>Adds an account; false if it exists.</summary>
    ValueTask<bool> AddAsync(Jid account, string password, CancellationToken ct = default);

    /// <summary>Removes an account with all that belongs to it; false if there is none. Its sessions end within seconds.</summary>
    ValueTask<bool> RemoveAsync(Jid account, CancellationToken ct = default);

    /// <summary>Changes a password; false if there is no such account. Its sessions end within seconds.</summary>
    ValueTask<bool> SetPasswordAsync(Jid account, string password, CancellationToken ct = default);

    /// <summary>All accounts, or those of one domain, in order.</summary>
    ValueTask<IReadOnlyList<Jid>> ListAsync(string? domain = null, CancellationToken ct = default);
}
