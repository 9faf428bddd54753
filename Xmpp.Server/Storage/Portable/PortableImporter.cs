using System.Data.Common;
using System.Xml;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Storage.Portable;

/// <summary>
/// Reads accounts with all that is theirs from documents of this or another program (XEP-0227), piece by piece. What is here already stays as it is, so that an import may be done again.
/// What cannot be kept is told with its file, line and account, and the rest goes on.
/// </summary>
public sealed class PortableImporter
{
    private const int MaxIncludes = 10;
    private readonly XmppServerSettings _settings;
    private readonly PortableAccounts _accounts;
    private readonly IReadOnlyList<IPortableData> _own;

    /// <summary>An importer into that database.</summary>
    public PortableImporter(XmppServerSettings settings, Database database, TimeProvider time, IEnumerable<IPortableData> own) =>
        (_settings, _accounts, _own) = (settings, new PortableAccounts(database, time), [.. own]);

    /// <summary>Reads a file, with those that it includes, or all <c>.xml</c> files of a directory.</summary>
    /// <param name="path">The file or directory.</param>
    /// <param name="plugins">What the plugins keep.</param>
    /// <param name="tell">Hears of each fault, a line that names the place.</param>
    /// <param name="goesOn">Whether the rest is imported after a fault.</param>
    /// <param name="ct">Gives up; what was imported stays.</param>
    /// <exception cref="DbException">The database failed; what was imported stays.</exception>
    public async Task<PortableReport> ReadAsync(string path, IEnumerable<IPortableData> plugins, Action<string> tell, bool goesOn, CancellationToken ct)
    {
        var import = new PortableImport(_accounts, [.. _own, .. plugins], tell, goesOn);
        try
        {
            string[] files = Directory.Exists(path) ? [.. Directory.GetFiles(path, "*.xml").Order(StringComparer.Ordinal)] : [path];
            foreach (var file in files) await ReadFileAsync(import, file, 0, f => ReadAsync(import, f, null, 0, ct));
        }
        catch (PortableImport.StoppedException)
        {
            // It was told.
        }

        return import.Report;
    }

    private static async Task ReadFileAsync(PortableImport import, string path, int includes, Func<PortableFile, Task> read)
    {
        if (includes > MaxIncludes)
        {
            import.Fault(path, 0, null, $"files include one another more than {MaxIncludes} deep");
            return;
        }

        try
        {
            using var file = new PortableFile(path);
            await read(file);
        }
        catch (XmlException e)
        {
            // Of what is not XML nothing behind that place can be trusted.
            import.Fault(path, e.LineNumber, null, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            import.Fault(path, 0, null, e.Message);
        }
    }

    private async Task ReadAsync(PortableImport import, PortableFile file, string? host, int includes, CancellationToken ct)
    {
        if (file.IsAt("include", PortableNames.XInclude))
        {
            if (Include(import, file, null) is { } target) await ReadFileAsync(import, target, includes + 1, f => ReadAsync(import, f, host, includes + 1, ct));
        }
        else if (file.IsAt("server-data", PortableNames.Pie) && host is null)
        {
            await file.EachChildAsync(() => ReadAsync(import, file, null, includes, ct));
        }
        else if (file.IsAt("host", PortableNames.Pie) && host is null)
        {
            await ReadHostAsync(import, file, includes, ct);
        }
        else if (file.IsAt("user", PortableNames.Pie) && host is not null)
        {
            await ReadUserAsync(import, file, host, includes, ct);
        }
        else
        {
            import.Ignore(file);
        }
    }

    private async Task ReadHostAsync(PortableImport import, PortableFile file, int includes, CancellationToken ct)
    {
        var host = Jid.TryParse(file.Reader.GetAttribute("jid") ?? "", out var jid) && jid.Local is null && jid.Resource is null ? jid.Domain : null;
        if (host is not null && _settings.Domains.Contains(host))
        {
            await file.EachChildAsync(() => ReadAsync(import, file, host, includes, ct));
            return;
        }

        import.Fault(file, null, host is null ? "a host without a domain's name is left out" : $"{host} is left out: it is not served here; Server:Domains has {string.Join(", ", _settings.Domains)}");
        file.Reader.Skip();
    }

    private static async Task ReadUserAsync(PortableImport import, PortableFile file, string host, int includes, CancellationToken ct)
    {
        var name = file.Reader.GetAttribute("name");
        if (name is null || !Jid.TryParse($"{name}@{host}", out var account) || account.Local is null || account.Resource is not null)
        {
            import.Fault(file, null, $"a user of {host} is left out: its name is none");
            file.Reader.Skip();
            return;
        }

        var user = new ImportedUser(import, account, file.Reader.GetAttribute("password"), file.Path, file.Line);
        await file.EachChildAsync(() => ReadChildAsync(import, file, user, includes, ct));
        await user.FinishAsync(ct);
    }

    private static async Task ReadChildAsync(PortableImport import, PortableFile file, ImportedUser user, int includes, CancellationToken ct)
    {
        if (!file.IsAt("include", PortableNames.XInclude)) await user.ReadAsync(file, ct);
        else if (Include(import, file, user.Account) is { } target) await ReadFileAsync(import, target, includes + 1, f => user.ReadAsync(f, ct));
    }

    private static string? Include(PortableImport import, PortableFile file, Jid? account)
    {
        var line = file.Line;
        try
        {
            return file.ReadInclude();
        }
        catch (FormatException e)
        {
            import.Fault(file.Path, line, account, e.Message);
            return null;
        }
    }
}
