using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Doctor;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;
using Parley.Xmpp.Server.Storage;

namespace Parley.Server.Host.Doctor;

/// <summary>An account of the doctor's own, for as long as the examination lasts.</summary>
internal sealed class TemporaryAccount : IAsyncDisposable
{
    // With the second of its making, so that one which a killed doctor left behind is known as such.
    private const string Prefix = "parley-doctor-";
    private static readonly TimeSpan LongestExamination = TimeSpan.FromHours(1);

    private readonly ServiceProvider _services;
    private readonly Jid _jid;

    private TemporaryAccount(ServiceProvider services, Jid jid, Login login) => (_services, _jid, Login) = (services, jid, login);

    /// <summary>How to log in.</summary>
    public Login Login { get; }

    /// <summary>Makes it, and removes what former examinations left.</summary>
    /// <exception cref="StartFailureException">This user may not write to the server's data.</exception>
    public static async Task<TemporaryAccount> MakeAsync(XmppServerSettings settings, CancellationToken ct)
    {
        var services = new ServiceCollection().AddLogging(l => l.ClearProviders()).AddXmppServer(settings).BuildServiceProvider();
        try
        {
            var accounts = services.GetRequiredService<IAccountAdministration>();
            var domain = settings.Domains[0];
            foreach (var left in await accounts.ListAsync(domain, ct))
            {
                if (IsLeftBehind(left)) await accounts.RemoveAsync(left, ct);
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}");
            var login = new Login(domain, name, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
            var jid = Jid.Parse($"{name}@{domain}");
            await accounts.AddAsync(jid, login.Password!, ct);
            return new TemporaryAccount(services, jid, login);
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _services.GetRequiredService<IAccountAdministration>().RemoveAsync(_jid);
        await _services.DisposeAsync();
    }

    private static bool IsLeftBehind(Jid account) =>
        account.Local?.StartsWith(Prefix, StringComparison.Ordinal) == true && account.Local[Prefix.Length..].Split('-') is [var made, _]
        && long.TryParse(made, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && (DateTimeOffset.UtcNow.ToUnixTimeSeconds() - seconds) > LongestExamination.TotalSeconds;
}
