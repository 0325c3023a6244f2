import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/** Row of `api_key`; private to its store. */
@Entity('api_key')
@Unique('api_key_hash_key', ['hash'])
export class ApiKeyEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'api_key_pkey' })
  id: string;

  @Column('text')
  name: string;

  @Column('bytea')
  hash: Buffer;

  @Column('text')
  prefix: string;

  @Column('text', { array: true })
  roles: string[];

  /** Person of the context that the key belongs to; a key of a machine has none. */
  @Column('text', { nullable: true })
  person: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;
}
