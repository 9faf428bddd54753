using System.Data;
using System.Data.Common;

namespace Parley.Plugins.Archive;

/// <summary>A statement on one connection; the database keeps what it made of the text from one use to the next. Not for two threads at once.</summary>
internal sealed class Statement : IDisposable
{
    private readonly DbCommand _command;

    /// <summary>Makes it.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="sql">The text.</param>
    /// <param name="parameters">Its parameters, in the order in which values are given.</param>
    public Statement(DbConnection connection, string sql, params ReadOnlySpan<(string Name, DbType Type)> parameters)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        foreach (var (name, type) in parameters)
        {
            var parameter = _command.CreateParameter();
            (parameter.ParameterName, parameter.DbType) = (name, type);
            _command.Parameters.Add(parameter);
        }
    }

    /// <summary>Runs it; returns how many rows it changed.</summary>
    public int Execute(params ReadOnlySpan<object?> values) => With(values).ExecuteNonQuery();

    /// <summary>Runs it; returns its first number, null if there is none.</summary>
    public long? Number(params ReadOnlySpan<object?> values) => With(values).ExecuteScalar() is { } value and not DBNull ? Convert.ToInt64(value, null) : null;

    /// <summary>Runs it; returns its rows.</summary>
    public DbDataReader Read(params ReadOnlySpan<object?> values) => With(values).ExecuteReader();

    public void Dispose() => _command.Dispose();

    private DbCommand With(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++) _command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return _command;
    }
}
